"""A Slurm of one node, with all its files in one folder.

    with slurm.Cluster(folder, cpus=4) as cluster:
        subprocess.run(["srun", "hostname"], env=cluster.environment)

Root and other users can start it. It listens on the loopback interface only, reads no configuration but its
own, and ends its processes by their ids. `missing()` says what must be installed.
"""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

PROGRAMS = {"munge": ["munged"], "slurm-wlm": ["slurmctld", "slurmd", "sbatch", "srun", "scontrol"]}
# Debian keeps the daemons where the path of users other than root does not lead.
PATH = f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin"
NODE = "node"
START_SECONDS, STOP_SECONDS = 600, 20

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def missing(programs: dict[str, list[str]]) -> list[str]:
    """The packages of Debian of which a program is not there."""
    return [package for package, names in programs.items()
            if not all(shutil.which(name, path=PATH) for name in names)]


def configuration(folder: Path, cpus: int, ports: list[int]) -> str:
    """The text of slurm.conf.

    The node has more processors than the machine if need be, and a signal that asks a job to end is followed by
    SIGKILL after 10 s. A requeued job waits until its credential has expired, which is 2 minutes by default.
    """
    host = socket.gethostname()
    user = pwd.getpwuid(os.getuid()).pw_name
    return f"""ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CryptoType=crypto/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=2,batch_sched_delay=0
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
KillWait=10
MessageTimeout=30
SlurmdParameters=config_overrides
NodeName={NODE} NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs={cpus} State=UNKNOWN
PartitionName=all Nodes={NODE} Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
"""


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def adopt_orphans() -> None:
    """Makes this process the parent of its descendants whose own parents end.

    Slurm starts a job's processes as orphans. As descendants of this process they can be found and ended.
    """
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants(root: int) -> list[int]:
    """The ids of all processes below one, children before grandchildren; zombies are left out."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            # The name of the program, in parentheses, may contain anything.
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if fields[0] != "Z":
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    found, level = [], [root]
    while level:
        level = [child for parent in level for child in children.get(parent, [])]
        found += level
    return found


class Cluster(contextlib.AbstractContextManager):
    """A Slurm that runs from `__enter__` to `__exit__`; `environment` is that of its commands."""

    def __init__(self, folder: Path, cpus: int):
        self.folder, self.cpus = folder, cpus
        # Variables of a Slurm in which this process itself may run would change what is submitted.
        self.environment = {
            name: value for name, value in os.environ.items()
            if not name.startswith(("SLURM", "SBATCH", "SALLOC", "SRUN", "OMPI", "PMI"))}
        self.environment |= {"SLURM_CONF": str(folder / "slurm.conf"), "PATH": PATH}
        self.daemons: list[subprocess.Popen] = []

    def __enter__(self) -> "Cluster":
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def start(self) -> None:
        adopt_orphans()
        self.folder.mkdir(mode=0o755)
        for name in ("state", "spool"):
            (self.folder / name).mkdir(mode=0o755)
        key = self.folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(os.urandom(128))
        (self.folder / "slurm.conf").write_text(configuration(self.folder, self.cpus, free_ports(2)))
        self.launch("munged", "--foreground", f"--key-file={key}", *(
            f"--{name}={self.folder}/munge.{ending}" for name, ending in (
                ("socket", "socket"), ("pid-file", "pid"), ("log-file", "log"), ("seed-file", "seed"))))
        self.wait("munged", (self.folder / "munge.socket").exists)
        self.launch("slurmctld", "-D", "-i")
        self.launch("slurmd", "-D", "-N", NODE)
        self.wait("slurmd", lambda: self.call("sinfo", "--noheader", "--format=%T").strip() == "idle")

    def launch(self, *command: str) -> None:
        def end_with_parent() -> None:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)

        log = (self.folder / f"{command[0]}.out").open("wb")
        self.daemons.append(subprocess.Popen(
            command, env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            preexec_fn=end_with_parent, start_new_session=True))

    def wait(self, name: str, condition) -> None:
        """Waits until a daemon is ready; raises RuntimeError with the end of its log if it does not start."""
        deadline = time.monotonic() + START_SECONDS
        while not condition():
            ended = next((each for each in self.daemons if each.poll() is not None), None)
            if ended is not None or time.monotonic() > deadline:
                name = ended.args[0] if ended else name
                raise RuntimeError(f"{name} did not start:\n{self.log(name)}")
            time.sleep(0.1)

    def log(self, name: str) -> str:
        texts = [path.read_text(errors="replace") for path in sorted(self.folder.glob(f"{name.rstrip('d')}*"))
                 if path.suffix in (".log", ".out")]
        return "\n".join("\n".join(text.splitlines()[-15:]) for text in texts)

    def call(self, *command: str) -> str:
        """What a command of Slurm's prints; empty if it fails."""
        return subprocess.run(command, env=self.environment, capture_output=True, text=True).stdout

    def stop(self) -> None:
        """Ends the jobs, then the daemons, then whatever else is left of them."""
        if len(self.daemons) == 3:
            self.call("scancel", "--user", str(os.getuid()))
            deadline = time.monotonic() + STOP_SECONDS
            while time.monotonic() < deadline and self.call("squeue", "--noheader"):
                time.sleep(0.2)
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        self.daemons.clear()
        for process in descendants(os.getpid()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)
