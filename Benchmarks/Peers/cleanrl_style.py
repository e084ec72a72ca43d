"""ModuRL's DQN workload on CartPole-v1 in one file of PyTorch and Gymnasium, as CleanRL has it.

The settings are those of ModuRL's benchmark against CleanRL, Stable-Baselines3 and Tianshou
(https://github.com/ModuRL/ModuRL, crates/benches): 2 hidden layers of 64 with tanh, minibatches of
64 out of 10,000 transitions, an update every 4 steps from step 1,024 on, Adam without decay,
squared error, Q-learning's target copied every 1,000 steps, ε of 0.1. Like there, schedules and
logging are left out, and a time limit's cut is not an end.

    python Benchmarks/Peers/cleanrl_style.py --steps 12000 --json
"""

import argparse
import random

from harness import Clock, parser, show

# Before the imports that need the peers' packages, so that --help does without them.
if __name__ == "__main__":
    ARGUMENTS = parser(__doc__, steps=12_000, hidden="64,64", batch=64).parse_args()

import gymnasium
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

CAPACITY = 10_000
LEARNING_STARTS = 1_024
STEPS_PER_UPDATE = 4
SYNC_STEPS = 1_000
LEARNING_RATE, ADAM_EPSILON = 2.5e-4, 1e-5
GAMMA, EPSILON = 0.99, 0.1


class QNetwork(nn.Module):
    def __init__(self, observations: int, hidden: list[int], actions: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, outputs in zip([observations, *hidden], hidden):
            layers += [nn.Linear(inputs, outputs), nn.Tanh()]
        self.network = nn.Sequential(*layers, nn.Linear(hidden[-1], actions))

    def forward(self, x: Tensor) -> Tensor:
        return self.network(x)


class ReplayBuffer:
    """A ring of transitions in NumPy arrays; a sample becomes tensors."""

    def __init__(self, observations: int) -> None:
        self.observations = np.zeros((CAPACITY, observations), np.float32)
        self.next_observations = np.zeros((CAPACITY, observations), np.float32)
        self.actions = np.zeros((CAPACITY, 1), np.int64)
        self.rewards = np.zeros(CAPACITY, np.float32)
        self.ends = np.zeros(CAPACITY, np.float32)
        self.count = 0

    def add(self, observation, action, reward, end, next_observation) -> None:
        row = self.count % CAPACITY
        self.observations[row], self.next_observations[row] = observation, next_observation
        self.actions[row], self.rewards[row], self.ends[row] = action, reward, end
        self.count += 1

    def sample(self, batch: int) -> tuple[Tensor, ...]:
        rows = np.random.randint(0, min(self.count, CAPACITY), size=batch)
        return tuple(torch.from_numpy(field[rows]) for field in (
            self.observations, self.actions, self.rewards, self.ends, self.next_observations))


def main(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    random.seed(arguments.seed)
    np.random.seed(arguments.seed)
    torch.manual_seed(arguments.seed)

    environment = gymnasium.make("CartPole-v1")
    observations = environment.observation_space.shape[0]
    actions = int(environment.action_space.n)
    q_network = QNetwork(observations, arguments.hidden_sizes, actions)
    target_network = QNetwork(observations, arguments.hidden_sizes, actions)
    target_network.load_state_dict(q_network.state_dict())
    optimizer = torch.optim.Adam(q_network.parameters(), lr=LEARNING_RATE, eps=ADAM_EPSILON)
    buffer = ReplayBuffer(observations)
    episodes = 0

    clock = Clock(warm_up_steps=2 * LEARNING_STARTS)
    observation, _ = environment.reset(seed=arguments.seed)
    for step in range(1, arguments.steps + 1):
        if random.random() < EPSILON:
            action = random.randrange(actions)
        else:
            with torch.no_grad():
                action = int(q_network(torch.from_numpy(observation)).argmax())
        next_observation, reward, terminated, truncated, _ = environment.step(action)
        buffer.add(observation, action, reward, terminated, next_observation)
        observation = next_observation
        if terminated or truncated:
            observation, _ = environment.reset()
            episodes += 1

        if step > LEARNING_STARTS and step % STEPS_PER_UPDATE == 0:
            states, taken, rewards, ends, next_states = buffer.sample(arguments.batch_size)
            with torch.no_grad():
                best = target_network(next_states).max(dim=1).values
                targets = rewards + GAMMA * best * (1 - ends)
            loss = F.mse_loss(q_network(states).gather(1, taken).squeeze(1), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if step % SYNC_STEPS == 0:
            target_network.load_state_dict(q_network.state_dict())
        clock.count()

    show({**clock.stop(), "episodes": episodes, "threads": torch.get_num_threads()},
         ["torch", "gymnasium", "numpy"], arguments.json)


if __name__ == "__main__":
    main(ARGUMENTS)
