"""Connect to the Materials Project's API; requests are repeated after temporary failures."""

from __future__ import annotations

import json
import os
import warnings
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from organode.errors import OrganodeError, UsageError, missing_extra
from organode.fetch.key import KEY_PAGE, api_key
from organode.fetch.retry import TemporaryError, retry, retry_after

if TYPE_CHECKING:
    from requests import Response, Session

ENDPOINT = "https://api.materialsproject.org/"


class Connection:
    """Connection to a route of the Materials Project's API, opened with the user's API key.

    A route is an address for one kind of record, such as the summaries of molecules. Address,
    headers and session come from the package mp-api, but this class requests the pages of records
    itself. The pagination of mp-api keeps all pages in memory until it has the last page, so that a
    killed download could not resume. Moreover, mp-api reports the HTTP status and the header
    ``Retry-After`` only in the text of an error, so that a download could not wait as long as the
    server asks.

    Parameters
    ----------
    route : str
        Name of the attribute of mp-api's ``MPRester.molecules`` that has the address, such as
        ``summary``.
    timeout : float
        Seconds without an answer after which an attempt counts as failed.
    first_wait : float
        Seconds before the second attempt; the wait doubles before each later attempt.

    Attributes
    ----------
    url : str
        Address of the route.
    database : str
        Version of the database behind the API.

    Raises
    ------
    UsageError
        If mp-api is not installed, the key is missing or malformed, or the environment variable
        ``MP_API_ENDPOINT`` is not a web address.
    OrganodeError
        If the API cannot be reached, or answers with an error.
    """

    def __init__(self, route: str, timeout: float, first_wait: float) -> None:
        key = api_key()
        try:
            import requests
            from mp_api.client import MPRester
            from mp_api.client.core import MPRestError
        except ImportError as error:
            raise missing_extra("mp-api", "materials-project") from error

        def open_route() -> None:
            # First a request with a timeout: mp-api sets no timeout and could hang for ever.
            try:
                heartbeat = requests.get(f"{endpoint}heartbeat", timeout=timeout)
                _check_status(heartbeat, with_key=False)
                self.database = str(heartbeat.json()["db_version"])
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # 'legacy data': documented in `jcesr`
                    client = MPRester(api_key=key, endpoint=endpoint, mute_progress_bars=True)
                    self.url = str(getattr(client.molecules, route).endpoint)
                self._session: Session = client.session
            except requests.RequestException as error:
                raise _failure(error, endpoint) from None
            except (ValueError, KeyError, TypeError, MPRestError):
                raise TemporaryError(
                    f"{endpoint} is not an API of the Materials Project (MP_API_ENDPOINT)"
                ) from None

        # mp-api reads this variable too; without the final slash, it drops the path's last part.
        endpoint = (os.environ.get("MP_API_ENDPOINT") or ENDPOINT).rstrip("/") + "/"
        self._timeout, self._first_wait = timeout, first_wait
        retry(open_route, first_wait)
        # mp-api's session silently retries some failures itself; here `retry` decides.
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, requests.adapters.HTTPAdapter(max_retries=0))

    def page(self, parameters: dict[str, Any], size: int) -> tuple[list[dict[str, Any]], int]:
        """Request a page of records; repeat the request if it fails for a temporary reason.

        Parameters
        ----------
        parameters : dict
            Query parameters, including ``_skip``, the number of records before this page, and
            ``_limit``, which equals `size`.
        size : int
            Number of records on a full page.

        Returns
        -------
        records : list of dict
            All records of the page.
        total : int
            Number of records on all pages of the query together.

        Raises
        ------
        UsageError
            If the server refused the API key.
        OrganodeError
            If no attempt gave a valid answer, or the server answered with an error that is not
            temporary.
        """
        return retry(lambda: self._attempt(parameters, size), self._first_wait)

    def _attempt(self, parameters: dict[str, Any], size: int) -> tuple[list[dict[str, Any]], int]:
        """Request a page once; raise `TemporaryError` if another attempt may succeed.

        Arguments, result and other errors are as for `page`.
        """
        from requests import RequestException

        try:
            answer = self._session.get(self.url, params=parameters, timeout=self._timeout)
        except RequestException as error:  # includes a body that ends too soon
            raise _failure(error, self.url) from None
        _check_status(answer)
        try:
            content = json.loads(answer.content)
            records, total = content["data"], int(content["meta"]["total_doc"])
            valid = all(isinstance(record, dict) for record in records)
        except (ValueError, KeyError, TypeError):
            raise TemporaryError(f"{self.url} sent an answer that cannot be read") from None
        expected = max(0, min(size, total - parameters["_skip"]))
        if not valid or len(records) != expected:
            raise TemporaryError(f"{self.url} sent {len(records)} records instead of {expected}")
        return records, total


def _check_status(answer: Response, with_key: bool = True) -> None:
    """Raise an error if the HTTP status of an answer is not 200.

    Parameters
    ----------
    answer : requests.Response
        The server's answer to a request.
    with_key : bool
        Whether the request contained the user's API key.

    Raises
    ------
    UsageError
        If the request contained the key and the server refused it (status 401 or 403).
    TemporaryError
        If another attempt may succeed (status 429, 500 or above).
    OrganodeError
        For any other status.
    """
    status = answer.status_code
    if status == HTTPStatus.OK:
        return
    # Only the number is shown: the body may repeat the key.
    if with_key and status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise UsageError(
            f"the Materials Project refused the key in MP_API_KEY (HTTP {status}): "
            f"check it, or get a new key at {KEY_PAGE}"
        )
    address = answer.url.partition("?")[0]
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise TemporaryError(
            f"{address} answered HTTP {status}", retry_after(answer.headers.get("Retry-After"))
        )
    raise OrganodeError(
        f"{address} answered HTTP {status}: check MP_API_ENDPOINT and fetch.page_size, "
        "or update mp-api"
    )


def _failure(error: Exception, url: str) -> OrganodeError | TemporaryError:
    """Return the error to raise for a request to `url` that failed with the exception `error`.

    The text of the returned error never contains the user's API key.
    """
    from requests import Timeout, exceptions

    if isinstance(
        error, exceptions.InvalidURL | exceptions.MissingSchema | exceptions.InvalidSchema
    ):
        return UsageError(f"'{url}' is not a web address: correct MP_API_ENDPOINT, or unset it")
    if isinstance(error, Timeout):
        return TemporaryError(f"{url} gave no answer in time")
    return TemporaryError(f"the request to {url} failed ({type(error).__name__})")
