"""Messages of the editor, and what is answered.

Invariant: what is published of a version of a file is about that version. Texts are handed to the
worker in the order in which they came; whatever the worker is asked begins with taking them in, so
that no answer is older than its question.
"""

import asyncio
import gc
import os
import sys
import traceback
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from durable_lint import __version__
from durable_lint.lsp.actions import KINDS, Abilities, Text, actions
from durable_lint.lsp.diagnostics import Shown, shown
from durable_lint.lsp.explanations import at_code, at_findings
from durable_lint.lsp.positions import Columns
from durable_lint.lsp.projects import Looked, Projects
from durable_lint.lsp.settings import SECTION, Settings, read
from durable_lint.lsp.uris import path_of
from durable_lint.lsp.worker import Worker
from durable_lint.source import Source, SourceError

__all__ = ["Server", "serve"]

T = TypeVar("T")

_PROGRESS: Final = "durable-lint/reading"
_WATCHED: Final = ("**/*.py", "**/pyproject.toml")
_AFTER_FILES_CHANGED: Final = 0.3  # seconds; a checkout changes many at once


class _Put(NamedTuple):
    """A text on its way to the worker. data: None when the file was closed."""

    path: str
    version: int | None
    data: bytes | None


class Seen(NamedTuple):
    """A file as the worker saw it. version: as the editor counts its texts."""

    version: int | None
    looked: Looked
    shown: list[Shown]


class Server(LanguageServer):
    """One editor's server. What begins with `_worker_` is for the worker's thread alone."""

    def __init__(self) -> None:
        super().__init__("durable-lint", __version__)
        self.settings = Settings()
        self.columns = Columns("utf-16")
        self.abilities = Abilities()
        self.dismissed = False
        self.related = self.pulls = self.refreshes = self.progresses = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._worker = Worker()
        self._projects = Projects(self._tell_from_worker)
        self._puts: deque[_Put] = deque()
        self._versions: dict[str, int | None] = {}
        self._open: dict[str, str] = {}
        self._published: dict[str, list[types.Diagnostic]] = {}
        self._results: dict[str, tuple[str, list[types.Diagnostic]]] = {}
        self._counted = 0
        self._waiting: asyncio.Task[None] | None = None
        self._background: set[asyncio.Task[None]] = set()
        self._said: set[str] = set()

    # ------------------------------------------------------------ what the editor can do

    def meet(self, params: types.InitializeParams) -> None:
        """Take note of what the editor can do."""
        self._loop = asyncio.get_running_loop()
        can = params.capabilities
        document, workspace, window = can.text_document, can.workspace, can.window
        publishing = document.publish_diagnostics if document else None
        pulling = document.diagnostic if document else None
        self.pulls = pulling is not None
        self.related = bool(
            (publishing and publishing.related_information)
            or (pulling and getattr(pulling, "related_information", None))
        )
        refreshing = workspace.diagnostics if workspace else None
        self.refreshes = bool(refreshing and refreshing.refresh_support)
        self.progresses = bool(window and window.work_done_progress)
        editing = workspace.workspace_edit if workspace else None
        self.abilities = Abilities(
            versions=bool(editing and editing.document_changes),
            snippets=bool(editing and editing.snippet_edit_support),
        )
        self.configure(params.initialization_options)

    def agree(self) -> None:
        """The capabilities are settled: so is in which units columns are counted."""
        encoding = self.server_capabilities.position_encoding
        self.columns = Columns(str(getattr(encoding, "value", encoding) or "utf-16"))

    def configure(self, given: object) -> None:
        """Take over what the user set in the editor."""
        self.settings, wrong = read(given)
        for message in wrong:
            self.tell(message)

    # ------------------------------------------------------------ texts

    def put(self, uri: str, *, closed: bool = False) -> None:
        """A file was opened, typed in or closed."""
        path = path_of(uri)
        if path is None:
            return
        if closed:
            self._open.pop(path, None)
            self._results.pop(uri, None)
            self._puts.append(_Put(path, None, None))
            return
        document = self.workspace.get_text_document(uri)
        self._open[path] = uri
        self._puts.append(_Put(path, document.version, _encoded(path, document.source)))

    def files_changed(self, changes: dict[str, bool]) -> None:
        """Files changed on the disk. The value says whether files came or went."""
        self.later(
            lambda: self._checked_again(lambda: self._projects.changed_on_disk(changes)),
            _AFTER_FILES_CHANGED,
        )

    def forget(self, directory: str) -> None:
        """A folder was taken out of the workspace."""
        self.now(lambda: self.asked(lambda: self._projects.forget(directory)))

    # ------------------------------------------------------------ checking

    async def asked(self, work: Callable[[], T]) -> T:
        """What the worker says, after it has taken in all texts that came before."""
        return await self._worker.do(lambda: self._worker_settled(work))

    async def look(self, path: str) -> Seen:
        """The findings of a file."""
        if self.progresses and await self._worker.do(lambda: self._projects.is_new(path)):
            return await self._with_progress(path)
        return await self.asked(lambda: self._worker_look(path))

    def check(self, delay: float) -> None:
        """Say soon what is in the open files; what was to be said before is not any more."""
        if self.pulls:
            return
        if self._waiting is not None:
            self._waiting.cancel()
        self._waiting = self.later(self.publish, delay)

    async def publish(self) -> None:
        """Say what is in the open files: a change in one can mean findings in another."""
        for path, uri in list(self._open.items()):
            seen = await self.look(path)
            if path not in self._open:
                continue
            document = self.workspace.get_text_document(uri)
            if document.version != seen.version:
                # Typed in meanwhile; the next check is on its way.
                return
            self._say(uri, [each.diagnostic for each in seen.shown], seen.version)

    def withdraw(self, uri: str) -> None:
        """A file is closed: nothing is said of it any more."""
        if self._published.pop(uri, None) and not self.pulls:
            self._say(uri, [], None)
            self._published.pop(uri, None)

    def _say(self, uri: str, found: list[types.Diagnostic], version: int | None) -> None:
        if self._published.get(uri) == found:
            return
        self._published[uri] = found
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri=uri, diagnostics=found, version=version)
        )

    def report(
        self, uri: str, found: list[types.Diagnostic], known: str | None
    ) -> types.DocumentDiagnosticReport:
        """The answer to an editor that asks; short if it knows it already."""
        before = self._results.get(uri)
        if before is not None and before[1] == found:
            if before[0] == known:
                return types.RelatedUnchangedDocumentDiagnosticReport(result_id=before[0])
            return types.RelatedFullDocumentDiagnosticReport(items=found, result_id=before[0])
        self._counted += 1
        name = str(self._counted)
        self._results[uri] = name, found
        return types.RelatedFullDocumentDiagnosticReport(items=found, result_id=name)

    async def _checked_again(self, first: Callable[[], None]) -> None:
        await self.asked(first)
        if not self.pulls:
            await self.publish()
        elif self.refreshes:
            await self.workspace_diagnostic_refresh_async(None)

    async def _with_progress(self, path: str) -> Seen:
        self._counted += 1
        token = f"{_PROGRESS}/{self._counted}"
        await self.work_done_progress.create_async(token)
        self.work_done_progress.begin(
            token, types.WorkDoneProgressBegin(title="durable-lint", message="reading the project")
        )
        try:
            return await self.asked(lambda: self._worker_look(path))
        finally:
            self.work_done_progress.end(token, types.WorkDoneProgressEnd())

    # ------------------------------------------------------------ in the worker's thread

    def _worker_settled(self, work: Callable[[], T]) -> T:
        while self._puts:
            put = self._puts.popleft()
            self._versions[put.path] = put.version
            self._projects.put(put.path, put.data)
        return work()

    def _worker_look(self, path: str) -> Seen:
        new = self._projects.is_new(path)
        looked = self._projects.look(path)
        if new:
            # Trees stay as long as the project does: looking for garbage in them would be felt.
            gc.collect()
            gc.freeze()
        found = shown(
            looked, self.settings, self.columns, self._projects.line, related=self.related
        )
        return Seen(self._versions.get(path), looked, found)

    def _tell_from_worker(self, message: str) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.tell, message)

    # ------------------------------------------------------------ telling, and going on

    def tell(self, message: str, kind: types.MessageType = types.MessageType.Warning) -> None:
        """Show something to the user."""
        self.window_show_message(types.ShowMessageParams(type=kind, message=message))

    def trouble(self, error: Exception) -> None:
        """Something went wrong in here: say it once, log it each time, go on."""
        log = "".join(traceback.format_exception(error))
        self.window_log_message(types.LogMessageParams(type=types.MessageType.Error, message=log))
        message = f"durable-lint failed: {type(error).__name__}: {error}; its log says more"
        if message not in self._said:
            self._said.add(message)
            self.tell(message, types.MessageType.Error)

    async def or_trouble(self, answer: Awaitable[T], instead: T) -> T:
        """An answer, or another one when it cannot be given."""
        try:
            return await answer
        except Exception as error:  # noqa: BLE001 - an editor without answers is of no use
            self.trouble(error)
            return instead

    def now(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do something beside the messages."""
        self.later(work, 0)

    def later(self, work: Callable[[], Awaitable[None]], delay: float) -> asyncio.Task[None]:
        """Do something beside the messages, after a while in seconds."""

        async def done() -> None:
            if delay:
                await asyncio.sleep(delay)
            await self.or_trouble(work(), None)

        task = asyncio.get_running_loop().create_task(done())
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        return task


def _encoded(path: str, text: str) -> bytes:
    """The bytes that a text would be saved as: by its coding comment, else in UTF-8."""
    data = text.encode("utf-8", "replace")
    try:
        encoding = Source(path, data).encoding
        return data if encoding == "utf-8" else text.encode(encoding)
    except (SourceError, LookupError, UnicodeEncodeError):
        return data


# ---------------------------------------------------------------- messages


def serve() -> int:
    """Talk to an editor over standard input and output; 1 if it went away without a goodbye."""
    server = _made()
    # What is printed by whatever goes wrong is no message, and must not stand among them.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as output:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        server.start_io(sys.stdin.buffer, output)
    return 0 if server.dismissed else 1


def _made() -> Server:
    server = Server()
    server.feature(types.INITIALIZE)(_initialize)
    server.feature(types.INITIALIZED)(_initialized)
    server.feature(types.SHUTDOWN)(_shut_down)
    server.feature(types.TEXT_DOCUMENT_DID_OPEN)(_opened)
    server.feature(types.TEXT_DOCUMENT_DID_CHANGE)(_changed)
    server.feature(types.TEXT_DOCUMENT_DID_SAVE)(_saved)
    server.feature(types.TEXT_DOCUMENT_DID_CLOSE)(_closed)
    server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)(_configured)
    server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)(_files_changed)
    server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)(_folders_changed)
    server.feature(types.TEXT_DOCUMENT_HOVER)(_hover)
    server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=list(KINDS))
    )(_code_actions)
    server.feature(
        types.TEXT_DOCUMENT_DIAGNOSTIC,
        types.DiagnosticOptions(
            inter_file_dependencies=True, workspace_diagnostics=False, identifier=SECTION
        ),
    )(_pulled)
    return server


def _initialize(ls: Server, params: types.InitializeParams) -> None:
    ls.meet(params)


async def _initialized(ls: Server, params: types.InitializedParams) -> None:
    ls.agree()
    workspace = ls.client_capabilities.workspace
    if workspace and workspace.configuration:
        await ls.or_trouble(_ask_for_settings(ls), None)
    watching = workspace.did_change_watched_files if workspace else None
    if watching and watching.dynamic_registration:
        await ls.or_trouble(_register_watchers(ls), None)


def _shut_down(ls: Server, params: None = None) -> None:
    ls.dismissed = True


async def _register_watchers(ls: Server) -> None:
    watchers = [types.FileSystemWatcher(glob_pattern=pattern) for pattern in _WATCHED]
    await ls.client_register_capability_async(
        types.RegistrationParams(
            [
                types.Registration(
                    id="files",
                    method=types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
                    register_options=types.DidChangeWatchedFilesRegistrationOptions(watchers),
                )
            ]
        )
    )


async def _ask_for_settings(ls: Server) -> None:
    given = await ls.workspace_configuration_async(
        types.ConfigurationParams([types.ConfigurationItem(section=SECTION)])
    )
    if given and given[0]:
        ls.configure(given[0])
        ls.check(0)


def _opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    ls.put(params.text_document.uri)
    ls.check(0)


def _changed(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    ls.put(params.text_document.uri)
    ls.check(ls.settings.debounce)


def _saved(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
    ls.check(0)


def _closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    ls.put(params.text_document.uri, closed=True)
    ls.withdraw(params.text_document.uri)
    ls.check(ls.settings.debounce)


async def _configured(ls: Server, params: types.DidChangeConfigurationParams) -> None:
    workspace = ls.client_capabilities.workspace
    if workspace and workspace.configuration:
        await ls.or_trouble(_ask_for_settings(ls), None)
    else:
        ls.configure(params.settings)
    ls.check(0)


def _files_changed(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
    changes: dict[str, bool] = {}
    for event in params.changes:
        path = path_of(event.uri)
        if path is not None:
            changes[path] = path.endswith(".py") and event.type != types.FileChangeType.Changed
    if changes:
        ls.files_changed(changes)


def _folders_changed(ls: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
    for folder in params.event.removed:
        path = path_of(folder.uri)
        if path is not None:
            ls.forget(path)


async def _pulled(
    ls: Server, params: types.DocumentDiagnosticParams
) -> types.DocumentDiagnosticReport:
    uri = params.text_document.uri
    found: list[types.Diagnostic] = []
    path = path_of(uri)
    if path is not None:
        seen = await ls.or_trouble(ls.look(path), None)
        found = [each.diagnostic for each in seen.shown] if seen else []
    return ls.report(uri, found, params.previous_result_id)


async def _hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
    path = path_of(params.text_document.uri)
    seen = None if path is None else await ls.or_trouble(ls.look(path), None)
    if seen is None:
        return None
    lines = seen.looked.lines
    line, column = ls.columns.place(params.position, lines)
    told = at_findings(seen.shown, line, column)
    if told is None and line <= len(lines):
        told = at_code(lines[line - 1], line, column)
    if told is None:
        return None
    text, span = told
    return types.Hover(
        types.MarkupContent(types.MarkupKind.Markdown, text), ls.columns.range(span, lines)
    )


async def _code_actions(
    ls: Server, params: types.CodeActionParams
) -> list[types.CodeAction] | None:
    path = path_of(params.text_document.uri)
    seen = None if path is None else await ls.or_trouble(ls.look(path), None)
    if seen is None or seen.looked.source is None:
        return None
    only = params.context.only
    wanted = None if only is None else [str(getattr(kind, "value", kind)) for kind in only]
    text = Text(
        params.text_document.uri, seen.version, seen.looked.source, ls.columns, ls.abilities
    )
    at = ls.columns.span(params.range, seen.looked.lines)
    return await ls.or_trouble(ls.asked(lambda: actions(text, seen.shown, at, wanted)), None)
