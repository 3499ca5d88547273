"""What starts, replaces or signals another process."""

from typing import Final

from durable_lint.vocabulary.family import Family

__all__ = ["PROCESSES"]

PROCESSES: Final = Family(
    calls={
        "subprocess": {
            "subprocess": "run call check_call check_output getoutput getstatusoutput Popen",
            "subprocess.Popen": "poll kill terminate send_signal",
            "os": "system popen startfile posix_spawn posix_spawnp spawnl spawnle spawnlp spawnlpe"
            " spawnv spawnve spawnvp spawnvpe execl execle execlp execlpe execv execve execvp"
            " execvpe fork forkpty kill killpg",
            "signal": "pidfd_send_signal",
            "pty": "spawn fork openpty",
            "asyncio": "create_subprocess_exec create_subprocess_shell",
            "asyncio.subprocess": "create_subprocess_exec create_subprocess_shell",
            "asyncio.AbstractEventLoop": "subprocess_exec subprocess_shell",
            "webbrowser": "open open_new open_new_tab get",
            "webbrowser.BaseBrowser": "open open_new open_new_tab",
            "pipes": "Template",
        },
    },
    pure={
        "subprocess": "CompletedProcess CalledProcessError TimeoutExpired SubprocessError PIPE"
        " STDOUT DEVNULL list2cmdline STARTUPINFO",
        "shlex": "*",
        "asyncio.subprocess": "PIPE STDOUT DEVNULL Process SubprocessStreamProtocol",
        "webbrowser": "register Error BaseBrowser BackgroundBrowser Chrome Chromium Edge Elinks"
        " Epiphany GenericBrowser Konqueror Mozilla Opera UnixBrowser main",
        "pty": "STDIN_FILENO STDOUT_FILENO STDERR_FILENO CHILD close tcgetattr tcsetattr setraw"
        " waitpid",
    },
    results={
        "asyncio": {
            "create_subprocess_exec": "coroutine:asyncio.subprocess.Process",
            "create_subprocess_shell": "coroutine:asyncio.subprocess.Process",
        },
    },
)
