"""Deep SARSA on MountainCar-v0 as it is usually taught, in PyTorch and Gymnasium.

A reference for speed and for learning: a Python list as the replay memory, one
tensor per field and transition, one update per environment step, one thread.

    python Benchmarks/Peers/notebook_pytorch.py --steps 6000 --json
    python Benchmarks/Peers/notebook_pytorch.py --evaluate --json
"""

from __future__ import annotations

import argparse
import copy
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from harness import Clock, parser, show


def parse_arguments() -> argparse.Namespace:
    options = parser(__doc__, steps=None, hidden="128,64", batch=32)
    options.add_argument("--episodes", type=int, default=2500)
    options.add_argument("--epsilon-per-row", action="store_true",
                         help="a coin per row, not one per batch")
    options.add_argument("--evaluate", action="store_true",
                         help="greedy episodes after the training")
    return options.parse_args()


# Before the imports that need the peers' packages, so that --help does without them.
if __name__ == "__main__":
    ARGUMENTS = parse_arguments()

import gymnasium
import torch
import torch.nn.functional as F
from torch import Tensor, nn

CAPACITY = 1_000_000
GAMMA = 0.99
EPSILON = 0.01
LEARNING_RATE = 1e-3
SYNC_EPISODES = 10
EVALUATION_EPISODES = 100
# Keeps the evaluation's starts apart from the training's.
EVALUATION_SEED_OFFSET = 1_000_000

Policy = Callable[[Tensor, float], Tensor]


class TensorEnvironment:
    """Gives and takes tensors of shape [1, x] where Gymnasium has arrays and numbers."""

    def __init__(self, name: str) -> None:
        self.environment = gymnasium.make(name)
        self.observations = self.environment.observation_space.shape[0]
        self.actions = int(self.environment.action_space.n)

    def reset(self, seed: int | None = None) -> Tensor:
        observation, _ = self.environment.reset(seed=seed)
        return torch.from_numpy(observation).unsqueeze(0)

    def step(self, action: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        observation, reward, terminated, truncated, _ = self.environment.step(action.item())
        return (
            torch.from_numpy(observation).unsqueeze(0),
            torch.tensor([[reward]], dtype=torch.float32),
            torch.tensor([[terminated or truncated]]),
        )


class ReplayMemory:
    """A ring of [state, action, reward, done, next state] lists."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.capacity = capacity
        self.transitions: list[list[Tensor]] = []
        self.position = 0

    def insert(self, transition: list[Tensor]) -> None:
        if len(self.transitions) < self.capacity:
            self.transitions.append(transition)
        else:
            self.transitions[self.position] = transition
        self.position = (self.position + 1) % self.capacity

    def can_sample(self, batch: int) -> bool:
        return len(self.transitions) >= 10 * batch

    def sample(self, batch: int) -> list[Tensor]:
        return [torch.cat(items) for items in zip(*random.sample(self.transitions, batch))]


def make_network(observations: int, hidden: list[int], actions: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for inputs, outputs in zip([observations, *hidden], hidden):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(hidden[-1], actions))


def batch_coin_policy(network: nn.Module, actions: int) -> Policy:
    """One coin for the whole batch: when it explores, all rows share one (1, 1) action.

    Gathering with it picks from row 0 only, and that value is broadcast to all targets.
    """

    @torch.no_grad()
    def policy(states: Tensor, epsilon: float) -> Tensor:
        if torch.rand(1) < epsilon:
            return torch.randint(actions, (1, 1))
        return network(states).argmax(dim=-1, keepdim=True)

    return policy


def row_coin_policy(network: nn.Module, actions: int) -> Policy:
    """A coin for each row, which is what epsilon-greedy means for a batch."""

    @torch.no_grad()
    def policy(states: Tensor, epsilon: float) -> Tensor:
        rows = states.shape[0]
        greedy = network(states).argmax(dim=-1, keepdim=True)
        return torch.where(torch.rand(rows, 1) < epsilon, torch.randint(actions, (rows, 1)), greedy)

    return policy


@dataclass
class Progress:
    clock: Clock
    returns: list[float] = field(default_factory=list)

    def recent_return(self) -> float | None:
        recent = self.returns[-100:]
        return sum(recent) / len(recent) if recent else None


class DeepSarsa:
    def __init__(self, environment: TensorEnvironment, hidden: list[int], batch: int,
                 epsilon_per_row: bool) -> None:
        self.environment = environment
        self.batch = batch
        self.network = make_network(environment.observations, hidden, environment.actions)
        self.target_network = copy.deepcopy(self.network).eval()
        make_policy = row_coin_policy if epsilon_per_row else batch_coin_policy
        self.policy = make_policy(self.network, environment.actions)
        self.optimizer = torch.optim.AdamW(self.network.parameters(), lr=LEARNING_RATE)
        self.memory = ReplayMemory()

    def update(self) -> None:
        states, actions, rewards, dones, next_states = self.memory.sample(self.batch)
        values = self.network(states).gather(1, actions)
        with torch.no_grad():
            next_actions = self.policy(next_states, EPSILON)
            next_values = self.target_network(next_states).gather(1, next_actions)
            targets = rewards + ~dones * GAMMA * next_values
        loss = F.mse_loss(values, targets)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def train(self, episodes: int, max_steps: int | None, seed: int) -> Progress:
        progress = Progress(Clock(warm_up_steps=10 * self.batch + 1_000))
        for episode in range(1, episodes + 1):
            finished = self.train_episode(progress, max_steps, seed if episode == 1 else None)
            if not finished:
                break
            if episode % SYNC_EPISODES == 0:
                self.target_network.load_state_dict(self.network.state_dict())
        return progress

    def train_episode(self, progress: Progress, max_steps: int | None, seed: int | None) -> bool:
        """False when the limit of steps came before the end of the episode."""
        state = self.environment.reset(seed)
        done, episode_return = False, 0.0
        while not done:
            if max_steps is not None and progress.clock.steps >= max_steps:
                return False
            action = self.policy(state, EPSILON)
            next_state, reward, done_flag = self.environment.step(action)
            self.memory.insert([state, action, reward, done_flag, next_state])
            if self.memory.can_sample(self.batch):
                self.update()
            state, done = next_state, done_flag.item()
            episode_return += reward.item()
            progress.clock.count()
        progress.returns.append(episode_return)
        return True

    def greedy_mean(self, seed: int) -> float:
        total = 0.0
        for episode in range(EVALUATION_EPISODES):
            state = self.environment.reset(seed + EVALUATION_SEED_OFFSET + episode)
            done = False
            while not done:
                state, reward, done_flag = self.environment.step(self.policy(state, 0.0))
                done = done_flag.item()
                total += reward.item()
        return total / EVALUATION_EPISODES


def main(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    random.seed(arguments.seed)

    agent = DeepSarsa(TensorEnvironment("MountainCar-v0"), arguments.hidden_sizes,
                      arguments.batch_size, arguments.epsilon_per_row)
    progress = agent.train(arguments.episodes, arguments.steps, arguments.seed)
    show({
        **progress.clock.stop(),
        "episodes": len(progress.returns),
        "training_return_last_100": progress.recent_return(),
        "greedy_mean": agent.greedy_mean(arguments.seed) if arguments.evaluate else None,
        "threads": torch.get_num_threads(),
    }, ["torch", "gymnasium", "numpy"], arguments.json)


if __name__ == "__main__":
    main(ARGUMENTS)
