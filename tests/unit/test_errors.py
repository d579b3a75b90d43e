"""Secrets reach neither screen nor store, and ordinary text stays unchanged."""

import os
import subprocess
import sys
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from organode import errors
from organode.errors import keep_key, keep_secret, without_password
from organode.tracking.provenance import code_tags
from organode.utils.progress import console, say


@pytest.fixture(autouse=True)
def no_known_secrets(monkeypatch):
    """Forget the secrets of other tests, and those in this machine's environment."""
    monkeypatch.setattr(errors, "_known_secrets", set())
    for name, value in os.environ.items():
        if "://" in value or errors._ENVIRONMENT.search(name):
            monkeypatch.delenv(name)


PASSWORDS = [
    "hunter2x", "hu/nter2", "hu@nter2", "hu#nter2", "hu:nter2", "hu?nter2", "h@u/n:t#e?r2",
    "hunter2%2Fx", "hunter 2x", "hunter\n2x", "hunter'2x", 'hunter"2x', "5000/hunter2", "pä/ßwort2",
    "[hunter2]", "hunter2&x", "a://hunter2", "\\hunter2", "hunter+2x",
]  # fmt: skip
HOSTS = ["db.example.org", "10.0.0.7:3306", "[::1]:3306", "localhost/runs", "h:1/a?ssl=true"]


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("host", HOSTS)
def test_known_address_is_shown_without_its_password(password, host):
    address = f"mysql://user:{password}@{host}"
    keep_secret(f"search.storage={address}")
    for text in (
        f"search.storage = {address} cannot be used",
        f"{address!r}: connection refused ({password!r})",
        f"two: {address} and {address}",
        f"first line\n{' '.join(address.split())} joined",
        f"invalid: {quote(password, safe='')}",
    ):
        shown = without_password(text)
        for form in (password, repr(password)[1:-1], " ".join(password.split()), "hunter2"):
            assert form not in shown, shown
    assert host in without_password(f"at {address}")


def test_pieces_of_a_known_password_are_hidden():
    keep_secret("mysql://user:pa/ss@wo:rd@host/db")
    said = without_password("port 'pa' is no number; no host 'wo'; unknown ss@wo; passport")
    assert said == "port '***' is no number; no host '***'; unknown ***@***; passport"


@pytest.mark.parametrize(
    ("address", "secret"),
    [
        ("mysql://u:hunter2@h", "hunter2"),
        ("http://h/x?token=hunter2", "hunter2"),
        ("https://hunter2token@h", "hunter2token"),
    ],
)
@pytest.mark.parametrize("name", ["MLFLOW_TRACKING_URI", "HTTPS_PROXY", "DATABASE_URL"])
def test_addresses_in_environment_variables_are_known(monkeypatch, name, address, secret):
    monkeypatch.setenv(name, address)
    assert secret not in without_password(f"cannot reach {address}: '{secret}' {secret}")


@pytest.mark.parametrize(
    "name",
    ["MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN", "MP_API_KEY", "AWS_SECRET_ACCESS_KEY",
     "DAGSHUB_USER_TOKEN", "PGPASSWORD_SECRET"],
)  # fmt: skip
def test_keys_in_environment_variables_are_known(monkeypatch, name):
    monkeypatch.setenv(name, "s3cr3t+k/y==")
    said = without_password("header X: s3cr3t+k/y==, s3cr3t%2Bk%2Fy%3D%3D")
    assert said == "header X: ***, ***"


def test_switches_and_folders_in_environment_variables_are_shown(monkeypatch):
    monkeypatch.setenv("USE_TOKEN", "true")
    monkeypatch.setenv("PWD", "/home/user/project")
    assert without_password("true: /home/user/project") == "true: /home/user/project"


def test_registered_key_is_hidden():
    keep_key("0123456789abcdef0123456789abcdef")
    assert without_password("401 for 0123456789abcdef0123456789abcdef") == "401 for ***"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mysql://u:pa/ss@h/db", "mysql://h/db"),
        ("mysql://u:pa ss@h/db failed", "mysql://h/db failed"),
        ("mysql://u:p@s#s?x@[::1]:3306/db", "mysql://[::1]:3306/db"),
        ("(mysql://u:p@h) http://tok3n@x", "(mysql://h) http://x"),
        ("http://a:b@h,http://c:d@i", "http://h,http://i"),
        ("http://user@h/x", "http://h/x"),
        ("postgresql://u@corp:pw@h", "postgresql://h"),
        ("http://h/?user=u&password=s3&x=1", "http://h/?user=u&password=***&x=1"),
        ("http://h:1/?passwd=a@b", "http://h:1/?passwd=***"),
        ("http://h/?PWD=s3;token=t&key=k&sig=g", "http://h/?PWD=***;token=***&key=***&sig=***"),
        ("http://h/?api_key=k&client_secret=s", "http://h/?api_key=***&client_secret=***"),
        ("host=h user=u password=s3 port=5", "host=h user=u password=*** port=5"),
        ("{'user': 'u', 'password': 's 3'}", "{'user': 'u', 'password': '***'}"),
        ('{"token": "s3", "n": 1}', '{"token": "***", "n": 1}'),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("connect(password='s3', n=1)", "connect(password='***', n=1)"),
    ],
)
def test_likely_secrets_are_hidden(text, shown):
    assert without_password(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "F/C=C/F", "F/C=C\\F", "C[C@@H](N)C(=O)O", "[CH3:1][C@H:2](/C=C/F)O", "file://path",
        "file:///home/u/a@b.csv", "sqlite:///.organode/studies.db", "sqlite:////data/a@b.db",
        "models:/organode-IE@champion", "MLflow on http://127.0.0.1:5000 (ask a@example.org)",
        "http://[::1]:5000/x", "see https://host/path and mail me@example.org",
        "git+https://github.com/x/y.git@v1.0", "--set seed: write it as section.key=value",
        "wrong password: try again", "MP_API_KEY=... into a file .env", "n = 5; key = 3", "",
        "screen.level = 2 is not allowed: it must be less than 1", "Li/Li+ // Ag/Ag+", "a@b", "://",
    ],
)  # fmt: skip
def test_ordinary_text_is_unchanged(text):
    assert without_password(text) == text


def test_smiles_are_unchanged(embedded):
    smiles = embedded["smiles"].tolist()
    assert without_password(" ".join(smiles)) == " ".join(smiles)
    for text in smiles[:500]:
        assert without_password(f"{text}: not a valid SMILES") == f"{text}: not a valid SMILES"


WORD = st.text("abcdefghijklmnop", min_size=3, max_size=8)
SECRET = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="@"), min_size=8, max_size=20
)


@settings(max_examples=60, deadline=None)
@given(before=WORD, password=SECRET, after=WORD)
@example(before="see", password="  /:?#&;= ", after="end")
@example(before="see", password="password=x", after="end")
def test_known_password_is_never_shown(before, password, after):
    address = f"mysql://user:{password}@host.example/db"
    errors._known_secrets.clear()
    keep_secret(address)
    shown = without_password(f"{before} {address} {after} {password!r} {quote(password)}")
    assert password not in shown
    if password.isalnum():
        assert "mysql://host.example/db" in shown


UNKNOWN = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=20)


@settings(max_examples=60, deadline=None)
@given(password=UNKNOWN.filter(lambda text: "://" not in text))
def test_no_unknown_password_without_a_space_is_shown(password):
    errors._known_secrets.clear()
    shown = without_password(f"at mysql://user:{password}@host.example/db now")
    assert password not in shown
    if "=" not in password:
        assert shown == "at mysql://host.example/db now"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_text_without_address_or_pair_is_unchanged(text):
    errors._known_secrets.clear()
    shown = without_password(text)
    assert shown == text or "://" in text or "=" in text or ":" in text


@pytest.mark.parametrize(
    "piece", ["C.", "://", ":", "://a:b@", "?a=&", "password ", "password=", "@"]
)
def test_time_is_linear_in_length(piece):
    text = piece * 20_000  # quadratic time would take minutes
    assert isinstance(without_password(text), str)


def test_messages_and_logged_command_lines_show_no_password(monkeypatch, capsys):
    arguments = ["search", "IE", "--set", "search.storage=mysql://u:hun ter/2@h/db"]
    monkeypatch.setattr(sys, "argv", ["organode", *arguments])
    keep_secret(*arguments)
    source = code_tags()["mlflow.source.name"]
    assert source == "organode search IE --set search.storage=mysql://h/db"
    with console.capture() as said:
        say("MLflow does not answer: hun ter/2")
    assert said.get() == "MLflow does not answer: ***\n"


SCRIPT = """
import sys, threading
from organode.cli import main as cli

def fail(*_, **__):
    try:
        raise ValueError("http://u:hunter2/x@h is no address of {'password': 'hunter2'}")
    except ValueError as error:
        thread = threading.Thread(target=lambda: int("mysql://u:hunter2@h"))
        thread.start()
        thread.join()
        raise RuntimeError("x" * 290 + " mysql://u:hunter2hunter2hunter2@h") from error

import organode.pipeline.featurize, organode.settings
organode.pipeline.featurize.featurize = fail
organode.settings.load_settings = lambda *_: None
sys.argv = ["organode", *sys.argv[1:]]
cli.main()
"""


@pytest.mark.parametrize("options", [[], ["--debug"]])
def test_tracebacks_of_all_threads_show_no_password(options, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *options, "featurize"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "unexpected RuntimeError" in done.stderr
    assert ("direct cause" in done.stderr) == bool(options)
    assert "hunter" not in done.stdout + done.stderr.replace('hunter2@h")', "")
