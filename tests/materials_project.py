"""A server that speaks the Materials Project's protocol, and troubles to put before its pages.

It answers as the real one is documented to: ``heartbeat`` without a key, routes with
``x-api-key``, ``_skip`` and ``_limit``, documents in ``data`` and their number in
``meta.total_doc``.
"""

import json
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

KEY = "a1B2c3D4" * 4
WRONG = "z9Y8x7W6" * 4

JCESR = [
    {"task_id": f"mol-{n}", "smiles": "C" * (n + 1), "IE": 8 + n / 8, "EA": n / 4 - 1}
    for n in range(23)
]
JCESR[3] |= {"smiles": None}
JCESR[7] |= {"EA": None}
JCESR[11].pop("IE")

WATER = "SOLVENT=WATER"
LEVEL = "wB97X-V/def2-TZVPPD/SMD"


def summary(n: int, redox: dict | None, inchi: str | None = "InChI=1S/CH4/h1H4") -> dict:
    return {"molecule_id": f"{n:032x}-C1H4-0-1", "inchi": inchi, "redox": redox}


def water(ionization: float | None, affinity: float | None) -> dict:
    return {
        "NONE": {"ionization_energy": 99.0, "electron_affinity": 99.0},
        WATER: {
            "ionization_energy": ionization,
            "electron_affinity": affinity,
            "level_of_theory": LEVEL,
        },
    }


MPCULES = [
    summary(0, water(9.5, -2.25)),
    summary(1, water(8.5, None), "InChI=1S/C6H4O2/c7-5-1-2-6(8)4-3-5/h1-4H"),
    summary(2, {"NONE": {"ionization_energy": 9.0, "electron_affinity": -1.0}}),
    summary(3, None, None),
    summary(4, water(7.5, 0.75), "InChI=nonsense"),
]

Trouble = Callable[[BaseHTTPRequestHandler], None]


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.documents = {"/molecules/jcesr/": JCESR, "/molecules/summary/": MPCULES}
        self.troubles: dict[int, list[Trouble]] = {}  # by _skip
        self.asked: Counter[int] = Counter()  # by _skip, whatever the answer
        self.answered: Counter[int] = Counter()
        self.queries: list[dict[str, str]] = []
        self.heartbeats = 0
        self.held_from: int | None = None  # answers from this _skip on are held …
        self.release = threading.Event()  # … until this is set
        self.version = "2026.01.01"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients that are killed or lose patience are what is tested."""

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_args: object) -> None: ...

    def send(self, status: int, content: object, headers: dict[str, str] | None = None) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/heartbeat":
            self.server.heartbeats += 1
            self.send(200, {
                "status": "OK", "version": "0.87.3", "db_version": self.server.version,
                "access_controlled_batch_ids": [],
            })  # fmt: skip
            return
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        skip, limit = int(query.get("_skip", 0)), int(query.get("_limit", 100))
        self.server.asked[skip] += 1
        self.server.queries.append(query)
        if self.headers.get("x-api-key") != KEY:
            # As unkind as it gets: the refusal repeats the key.
            self.send(401, {"message": f"Invalid key {self.headers.get('x-api-key')}"})
            return
        if self.server.troubles.get(skip):
            self.server.troubles[skip].pop(0)(self)
            return
        if self.server.held_from is not None and skip >= self.server.held_from:
            self.server.release.wait()
        documents = self.server.documents.get(url.path)
        if documents is None or limit > 1000:
            self.send(404 if documents is None else 400, {"detail": "Not Found"})
            return
        self.server.answered[skip] += 1
        page = documents[skip : skip + limit]
        self.send(200, {"data": page, "meta": {"total_doc": len(documents)}})


def status(code: int, **headers: str) -> Trouble:
    return lambda handler: handler.send(
        code, b"<html>", {name.replace("_", "-"): value for name, value in headers.items()}
    )


def cut_body(handler: BaseHTTPRequestHandler) -> None:
    """Promise more bytes than come."""
    handler.send(200, b'{"data": [{"task_id"', {"Content-Length": "5000"})
    handler.close_connection = True


def cut_json(handler: BaseHTTPRequestHandler) -> None:
    handler.send(200, b'{"data": [{"task_id"')


def short_page(handler: BaseHTTPRequestHandler) -> None:
    handler.send(200, {"data": JCESR[:2], "meta": {"total_doc": len(JCESR)}})


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


def no_answer(handler: BaseHTTPRequestHandler) -> None:
    """Let the client wait until its patience ends."""
    handler.server.release.wait()
    handler.close_connection = True
