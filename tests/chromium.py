"""A headless Chromium that tests click in, spoken to through its debugging pipe."""

import json
import os
import shutil
import subprocess
import time
from base64 import b64decode
from contextlib import suppress
from itertools import count
from pathlib import Path

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)


class Page:
    """One page of a browser of its own; a context manager.

    Attributes
    ----------
    problems : list of str
        Errors of its console.
    requests : list of str
        What it loaded.
    """

    def __init__(self, url: str, folder: Path, width: int = 1300, height: int = 900) -> None:
        to_browser, self._to = os.pipe()
        self._from, from_browser = os.pipe()
        self._ids = count(1)
        self._rest = b""
        self.problems: list[str] = []
        self.requests: list[str] = []

        def connect() -> None:
            kept = os.dup(to_browser), os.dup(from_browser)
            os.dup2(kept[0], 3)
            os.dup2(kept[1], 4)

        self._process = subprocess.Popen(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
             "--no-first-run", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", f"--user-data-dir={folder / 'profile'}", "--hide-scrollbars",
             f"--window-size={width},{height}", "--remote-debugging-pipe"],
            preexec_fn=connect,  # noqa: PLW1509  (there is one thread)
            pass_fds=(3, 4), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_browser)
        os.close(from_browser)
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Runtime", "Log", "Network", "Page"):
            self._call(f"{domain}.enable")
        self._call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
            mobile=width < 700,
        )  # fmt: skip
        self._call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'")

    def __enter__(self) -> "Page":
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(BrokenPipeError):
            self._send("Browser.close")
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        self._process.kill()
        os.close(self._to)
        os.close(self._from)

    def value(self, script: str) -> object:
        """Return the value of a JavaScript expression."""
        answer = self._call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def picture(self, path: Path) -> None:
        """Keep what is seen as PNG."""
        shot = self._call("Page.captureScreenshot", captureBeyondViewport=False)
        path.write_bytes(b64decode(shot["data"]))

    def wait(self, condition: str) -> None:
        """Wait until a JavaScript expression is true; the limit of a test ends it."""
        while not self.value(condition):
            time.sleep(0.05)

    _session = ""

    def _send(self, method: str, **parameters: object) -> int:
        number = next(self._ids)
        message = {"id": number, "method": method, "params": parameters}
        if self._session and not method.startswith(("Target.", "Browser.")):
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        return number

    def _call(self, method: str, **parameters: object) -> dict:
        number = self._send(method, **parameters)
        while True:
            message = self._message()
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]

    def _message(self) -> dict:
        while b"\0" not in self._rest:
            read = os.read(self._from, 1 << 20)
            assert read, "the browser ended"
            self._rest += read
        text, _, self._rest = self._rest.partition(b"\0")
        message = json.loads(text)
        self._note(message.get("method", ""), message.get("params", {}))
        return message

    def _note(self, event: str, said: dict) -> None:
        if event == "Runtime.exceptionThrown":
            self.problems.append(str(said["exceptionDetails"]))
        elif event == "Log.entryAdded" and said["entry"]["level"] == "error":
            self.problems.append(str(said["entry"]))
        elif event == "Runtime.consoleAPICalled" and said["type"] == "error":
            self.problems.append(str(said["args"]))
        elif event == "Network.requestWillBeSent":
            self.requests.append(said["request"]["url"])
