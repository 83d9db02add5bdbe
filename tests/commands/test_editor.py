"""What an editor shows: a real yaml-language-server under our schema, spoken to over stdio.

It is an npm package. It is looked for under SLA_YAML_LANGUAGE_SERVER (a folder with node_modules),
else installed once into the user's cache; without npm or network the tests are skipped.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import IO, Any

import pytest

from sla_engine.policy import json_schema

VERSION = "1.25.0"
PATIENCE = 60
"""Seconds after which a server that says nothing is given up."""

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sla-sync-tests"
SERVER = Path("node_modules", "yaml-language-server", "bin", "yaml-language-server")


def server() -> Path:
    """The language server's script; skips where it cannot be had."""
    if shutil.which("node") is None:
        pytest.skip("no node here to run a language server")
    folder = Path(os.environ.get("SLA_YAML_LANGUAGE_SERVER", CACHE / f"yaml-ls-{VERSION}"))
    if not (folder / SERVER).is_file():
        _install(folder)
    return folder / SERVER


def _install(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm here to install a language server with")
    folder.mkdir(parents=True, exist_ok=True)
    words = [npm, "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(folder)]
    try:
        done = subprocess.run(
            [*words, f"yaml-language-server@{VERSION}"],
            capture_output=True,
            timeout=120,
            check=False,
        )
    except subprocess.TimeoutExpired:
        pytest.skip("npm did not answer")
    if done.returncode:
        pytest.skip("npm could not install yaml-language-server; is there a network?")


class Editor:
    """As much of an editor as it takes: opens a file, asks, waits for what is told."""

    def __init__(self, process: subprocess.Popen[bytes], schema: str) -> None:
        assert process.stdin
        assert process.stdout
        self._in: IO[bytes] = process.stdin
        self._out: IO[bytes] = process.stdout
        self._schema = schema
        self._number = 0
        self._told: dict[str, list[dict[str, Any]]] = {}
        self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})
        self._send({"method": "initialized", "params": {}})

    def open(self, uri: str, text: str) -> None:
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == self._number and "method" not in message:
                return message.get("result")

    def at(self, method: str, uri: str, line: int, character: int) -> Any:
        where = {"line": line, "character": character}
        return self.ask(method, {"textDocument": {"uri": uri}, "position": where})

    def diagnostics(self, uri: str) -> list[dict[str, Any]]:
        """What it marks in a file, as soon as it says so."""
        while uri not in self._told:
            self._receive()
        return self._told[uri]

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._in.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._in.flush()

    def _receive(self) -> dict[str, Any]:
        """The next message; what the server asks of us is answered on the way."""
        length = 0
        while line := self._out.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the language server ended"
        message: dict[str, Any] = json.loads(self._out.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self._told[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            self._send({"id": message["id"], "result": self._answer(message)})
        return message

    def _answer(self, message: dict[str, Any]) -> Any:
        if message["method"] == "workspace/configuration":
            yaml = {"schemas": {self._schema: "*.yaml"}, "schemaStore": {"enable": False}}
            yaml |= {"completion": True, "hover": True, "validate": True}
            return [yaml if one.get("section") == "yaml" else None
                    for one in message["params"]["items"]]  # fmt: skip
        return None


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    script = server()
    schema = tmp_path_factory.mktemp("schema") / "policy.schema.json"
    schema.write_text(json.dumps(json_schema()), encoding="utf-8")
    process = subprocess.Popen(
        ["node", script, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    watch = Timer(PATIENCE, process.kill)  # whoever waits for it then sees that it ended
    watch.start()
    try:
        yield Editor(process, schema.as_uri())
    finally:
        watch.cancel()
        process.kill()
        process.communicate()


def opened(editor: Editor, name: str, text: str) -> str:
    """A policy file that names the schema in its first line, as the docs say."""
    uri = f"file:///desk/{name}.yaml"
    editor.open(uri, f"# yaml-language-server: $schema={editor._schema}\n{text}")
    return uri


def test_keys_are_completed(editor: Editor) -> None:
    text = "schema: sla/v1\npolicies:\n  p:\n    ma\n"
    found = editor.at("textDocument/completion", opened(editor, "complete", text), 4, 6)
    labels = {item["label"] for item in found["items"]}
    assert {"match", "targets", "on_target_change"} <= labels


def test_what_a_key_means_is_shown_with_an_example(editor: Editor) -> None:
    text = "schema: sla/v1\ndefaults:\n  settle: 5m\n  owner: lead\n"
    uri = opened(editor, "hover", text)
    said = editor.at("textDocument/hover", uri, 3, 4)["contents"]["value"]
    assert "this soon after the start" in said
    assert "service-delivery" in editor.at("textDocument/hover", uri, 4, 4)["contents"]["value"]


def test_a_misspelt_key_is_marked_where_it_stands(editor: Editor) -> None:
    text = "schema: sla/v1\ndefaults:\n  setle: 5m\n"
    (found,) = editor.diagnostics(opened(editor, "wrong", text))
    assert "setle" in found["message"]
    assert found["range"]["start"] == {"line": 3, "character": 2}


def test_a_good_file_is_left_alone(editor: Editor) -> None:
    path = Path(__file__).resolve().parents[2] / "config" / "policies" / "support.yaml"
    assert editor.diagnostics(opened(editor, "good", path.read_text("utf-8"))) == []
