"""Names of the metrics of a model's run."""

from organode.tracking.model_run import _flat


def test_every_metric_is_in_a_group():
    metrics = {"margin": 1, "outer": {"mae": 0.5, "by": {"family": 2}}}
    assert dict(_flat(metrics)) == {
        "overall/margin": 1.0,
        "outer/mae": 0.5,
        "outer/by/family": 2.0,
    }
