"""An editor: a real client, and the server that users start, talking over pipes."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient

from durable_lint.lsp.positions import Columns

LONGEST = 30  # seconds; nothing takes a tenth of it


class Editor:
    """Opens, types and looks, as an editor does. folder: where its files are."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.client = LanguageClient("editor", "1")
        self.published: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.messages: asyncio.Queue[str] = asyncio.Queue()
        self.logged: list[str] = []
        self.watchers: list[types.Registration] = []
        self.refreshed = asyncio.Event()
        self.settings: object = None
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self._listen()

    def _listen(self) -> None:
        feature: Callable[[str], Callable[[Any], Any]] = self.client.feature

        def published(params: types.PublishDiagnosticsParams) -> None:
            self.published.put_nowait(params)

        def shown(params: types.ShowMessageParams) -> None:
            self.messages.put_nowait(params.message)

        def logged(params: types.LogMessageParams) -> None:
            self.logged.append(params.message)

        def asked(params: types.ConfigurationParams) -> list[object]:
            return [self.settings for _ in params.items]

        def registered(params: types.RegistrationParams) -> None:
            self.watchers += params.registrations

        def refreshed(_: None = None) -> None:
            self.refreshed.set()

        feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(published)
        feature(types.WINDOW_SHOW_MESSAGE)(shown)
        feature(types.WINDOW_LOG_MESSAGE)(logged)
        feature(types.WORKSPACE_CONFIGURATION)(asked)
        feature(types.CLIENT_REGISTER_CAPABILITY)(registered)
        feature(types.WORKSPACE_DIAGNOSTIC_REFRESH)(refreshed)

    # ------------------------------------------------------------ the server

    async def start(
        self, capabilities: types.ClientCapabilities | None = None, options: object = None
    ) -> types.InitializeResult:
        await self.client.start_io(sys.executable, "-m", "durable_lint", "lsp", "--stdio")
        result = await self.client.initialize_async(
            types.InitializeParams(
                capabilities=capabilities or types.ClientCapabilities(),
                root_uri=self.folder.as_uri(),
                initialization_options=options,
            )
        )
        self.client.initialized(types.InitializedParams())
        return result

    async def stop(self) -> int | None:
        """Say goodbye; the exit code of the server."""
        process = self.client._server
        assert process is not None
        await self.client.shutdown_async(None)
        self.client.exit(None)
        return await asyncio.wait_for(process.wait(), LONGEST)

    # ------------------------------------------------------------ files

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())

    def open(self, name: str, text: str | None = None) -> None:
        content = (self.folder / name).read_bytes().decode() if text is None else text
        self.texts[name], self.versions[name] = content, 1
        document = types.TextDocumentItem(self.uri(name), "python", 1, content)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(document))

    def type(self, name: str, text: str) -> None:
        self.texts[name] = text
        self.versions[name] += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self.versions[name], self.uri(name)),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    def close(self, name: str) -> None:
        document = types.TextDocumentIdentifier(self.uri(name))
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(document))

    def changed_on_disk(self, name: str, kind: types.FileChangeType) -> None:
        self.client.workspace_did_change_watched_files(
            types.DidChangeWatchedFilesParams([types.FileEvent(self.uri(name), kind)])
        )

    # ------------------------------------------------------------ what is seen

    async def seen(self, name: str) -> Sequence[types.Diagnostic]:
        """What is published next of a file."""
        while True:
            published = await asyncio.wait_for(self.published.get(), LONGEST)
            if published.uri == self.uri(name):
                return published.diagnostics

    async def found(self, name: str) -> Sequence[types.Diagnostic]:
        """The next findings of a file that it has any of: what holds of it for a moment, between
        one message to the server and the next, may be published or not."""
        while not (diagnostics := await self.seen(name)):
            continue
        return diagnostics

    async def told(self) -> str:
        """The next message to the user."""
        return await asyncio.wait_for(self.messages.get(), LONGEST)

    async def actions(
        self, name: str, at: types.Range, only: Sequence[str] | None = None
    ) -> Sequence[types.CodeAction]:
        found = await self.client.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(self.uri(name)),
                at,
                types.CodeActionContext([], only=None if only is None else list(only)),
            )
        )
        return [action for action in found or () if isinstance(action, types.CodeAction)]

    async def hovered(self, name: str, line: int, character: int) -> str | None:
        hover = await self.client.text_document_hover_async(
            types.HoverParams(
                types.TextDocumentIdentifier(self.uri(name)), types.Position(line, character)
            )
        )
        if hover is None:
            return None
        assert isinstance(hover.contents, types.MarkupContent)
        return hover.contents.value

    async def pulled(self, name: str, known: str | None = None) -> types.DocumentDiagnosticReport:
        return await self.client.text_document_diagnostic_async(
            types.DocumentDiagnosticParams(
                types.TextDocumentIdentifier(self.uri(name)), previous_result_id=known
            )
        )

    def apply(self, name: str, action: types.CodeAction) -> str:
        """Do what an action says, as an editor does, and type it."""
        assert action.edit is not None
        edits: Sequence[Any]
        if action.edit.document_changes:
            change = action.edit.document_changes[0]
            assert isinstance(change, types.TextDocumentEdit)
            assert change.text_document.version == self.versions[name]
            edits = change.edits
        else:
            assert action.edit.changes is not None
            edits = action.edit.changes[self.uri(name)]
        self.type(name, edited(self.texts[name], edits))
        return self.texts[name]


def edited(text: str, edits: Sequence[Any]) -> str:
    """A text with edits made, from its end to its beginning."""
    lines = text.replace("\r\n", "\n").split("\n")
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    columns = Columns("utf-16")

    def offset(position: types.Position) -> int:
        line, column = columns.place(position, lines)
        return starts[line - 1] + column - 1

    places = [(offset(edit.range.start), offset(edit.range.end), edit.new_text) for edit in edits]
    for start, end, new in sorted(places, reverse=True):
        text = text[:start] + new + text[end:]
    return text


@pytest.fixture
async def editor(tmp_path: Path) -> AsyncIterator[Editor]:
    made = Editor(tmp_path)
    made.write("pyproject.toml", "[tool.durable-lint]\n")
    yield made
    process = made.client._server
    if process is not None and process.returncode is None:
        await made.stop()
    await made.client.stop()
