"""The workloads that peers.py runs, and the systems that run each."""

from dataclasses import dataclass, field

from measuring import CORES

SEEDS = 8
OURS, OURS_AVX2 = "deep-sarsa", "deep-sarsa, AVX2 kernels"
ONE_THREAD = {name: "1" for name in (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
XLA_ONE_THREAD = {
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"}


@dataclass(frozen=True)
class System:
    """A program at a workload; `script` is empty for ours."""

    name: str
    script: str
    arguments: list[str]
    steps: int
    pinned: bool = True
    variables: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Workload:
    name: str
    title: str
    description: str
    systems: list[System]


def ours(arguments: list[str], steps: int, pinned: bool = True) -> list[System]:
    common = [*arguments, "--evaluation-every", "1e9", "--evaluation-episodes", "1", "--quiet"]
    return [System(OURS, "", common, steps, pinned),
            System(OURS_AVX2, "", common, steps // 2, pinned, {"OPENBLAS_CORETYPE": "Haswell"})]


def notebook_workload(name: str, title: str, hidden: str, batch: int, share: float) -> Workload:
    """The notebook's loop; `share` of its steps, for larger networks take longer."""
    ours_sizes = ["--hidden-sizes", hidden, "--batch-size", str(batch),
                  "--learning-starts", str(batch)]
    sizes = ["--hidden-sizes", hidden, "--batch-size", str(batch)]

    def steps(number: int) -> int:
        return round(number * share)

    return Workload(
        name, title,
        f"MountainCar-v0, ReLU network 2-{hidden.replace(',', '-')}-3, minibatches of {batch}, an "
        "AdamW update per environment step, memory of 1,000,000, target copied every 10 episodes; "
        "one thread",
        [*ours(["MountainCar-v0", "--preset", "notebook", *ours_sizes], steps(300_000)),
         System("JAX, one jitted scan", "notebook_jax.py", sizes, steps(120_000),
                variables=XLA_ONE_THREAD),
         System("JAX, free to use all cores", "notebook_jax.py", sizes, steps(120_000),
                pinned=False),
         System("NumPy", "notebook_numpy.py", sizes, steps(40_000)),
         System("PyTorch, compiled", "notebook_pytorch_fast.py", sizes, steps(30_000)),
         System("PyTorch", "notebook_pytorch.py", sizes, steps(10_000))])


def parallel_workload(hidden: str, layer_norm: bool) -> Workload:
    norm = ["--layer-norm"] if layer_norm else []
    return Workload(
        f"parallel-{hidden.split(',')[0]}", f"Parallel Q(λ), 4-{hidden.replace(',', '-')}-2",
        "CartPole-v1, 32 environments by 32 steps, λ-returns, two passes of 16 minibatches, an RAdam "
        "update each, gradients clipped to a norm of 10"
        + (", layer normalisation" if layer_norm else "") + "; one thread",
        [*ours(["CartPole-v1", "--preset", "parallel", "--hidden-sizes", hidden,
                "--layer-norm" if layer_norm else "--no-layer-norm", "--learning-rate", "1e-3",
                "--epsilon", "0.05", "--next-action", "greedy", "--lambda", "0.65"], 3_000_000),
         System("JAX, one jitted scan", "parallel_jax.py", ["--hidden-sizes", hidden, *norm],
                1_500_000, variables=XLA_ONE_THREAD)])


def workloads() -> dict[str, list[Workload]]:
    seeds = ["--seeds", str(SEEDS)]
    return {
        "notebook": [notebook_workload("notebook", "The notebook's loop", "128,64", 32, 1)],
        "seeds": [Workload(
            "seeds", f"{SEEDS} seeds of the notebook's loop",
            f"the same with {SEEDS} seeds on all {len(CORES)} cores; steps of all seeds together; "
            "ours count its start, its files and its last evaluations, JAX's no compilation",
            [*ours(["MountainCar-v0", "--preset", "notebook", *seeds, "--jobs", str(len(CORES))],
                   100_000, pinned=False),
             System("JAX, seeds under vmap", "notebook_jax.py", [*seeds, "--together", "vmap"],
                    16_000, pinned=False),
             System("JAX, a seed per thread", "notebook_jax.py",
                    [*seeds, "--together", "threads"], 40_000, pinned=False,
                    variables={"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"})])],
        "modurl": [Workload(
            "modurl", "ModuRL's DQN workload",
            "CartPole-v1, tanh network 4-64-64-2, minibatches of 64 out of 10,000, an Adam update "
            "every 4 steps, squared error, Q-learning's target; one thread",
            [*ours(["CartPole-v1", "--preset", "general", "--no-layer-norm",
                    "--hidden-sizes", "64,64", "--activation", "tanh", "--buffer-size", "10000",
                    "--batch-size", "64", "--learning-starts", "1024",
                    "--train-frequency", "4", "--optimizer", "adam", "--learning-rate", "2.5e-4",
                    "--adam-eps", "1e-5", "--loss", "mse", "--gamma", "0.99", "--epsilon", "0.1",
                    "--next-action", "greedy", "--selection", "target",
                    "--target-network-frequency", "1000", "--time-limit", "bootstrap"], 500_000),
             System("CleanRL's style", "cleanrl_style.py", [], 24_000),
             System("Stable-Baselines3", "sb3_dqn.py", [], 16_000)])],
        "parallel": [parallel_workload(hidden, layer_norm)
                     for hidden, layer_norm in (("128,64", True), ("64,64", False))],
        "large": [
            notebook_workload(f"large-{batch}", f"2-256-256-3, minibatches of {batch}",
                              "256,256", batch, share)
            for batch, share in ((128, 0.15), (256, 0.08))],
    }
