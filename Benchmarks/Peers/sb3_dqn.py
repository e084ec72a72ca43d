"""ModuRL's DQN workload on CartPole-v1 in Stable-Baselines3.

The settings of cleanrl_style.py. The library's DQN has Huber's loss and a clipped gradient built
in; `train` is overridden to have neither. Everything else is the library's own: collection, replay
memory, policy, schedule, copies to the target network.

    python Benchmarks/Peers/sb3_dqn.py --steps 12000 --json
"""

import argparse

from harness import Clock, parser, show

# Before the imports that need the peers' packages, so that --help does without them.
if __name__ == "__main__":
    ARGUMENTS = parser(__doc__, steps=12_000, hidden="64,64", batch=64).parse_args()

import torch
import torch.nn.functional as F
from stable_baselines3 import DQN
from stable_baselines3.common.callbacks import BaseCallback

from cleanrl_style import (ADAM_EPSILON, CAPACITY, EPSILON, GAMMA, LEARNING_RATE, LEARNING_STARTS,
                           STEPS_PER_UPDATE, SYNC_STEPS)


class PlainDQN(DQN):
    """DQN towards the squared error's minimum, with gradients as they are."""

    def train(self, gradient_steps: int, batch_size: int = 64) -> None:
        self.policy.set_training_mode(True)
        for _ in range(gradient_steps):
            batch = self.replay_buffer.sample(batch_size, env=self._vec_normalize_env)
            with torch.no_grad():
                best = self.q_net_target(batch.next_observations).max(dim=1, keepdim=True).values
                targets = batch.rewards + (1 - batch.dones) * self.gamma * best
            values = self.q_net(batch.observations).gather(1, batch.actions.long())
            loss = F.mse_loss(values, targets)
            self.policy.optimizer.zero_grad()
            loss.backward()
            self.policy.optimizer.step()
        self._n_updates += gradient_steps


class ClockCallback(BaseCallback):
    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def _on_step(self) -> bool:
        self.clock.count()
        return True


def main(arguments: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    agent = PlainDQN(
        "MlpPolicy", "CartPole-v1", learning_rate=LEARNING_RATE, buffer_size=CAPACITY,
        learning_starts=LEARNING_STARTS, batch_size=arguments.batch_size, gamma=GAMMA,
        train_freq=STEPS_PER_UPDATE, gradient_steps=1, target_update_interval=SYNC_STEPS,
        exploration_initial_eps=EPSILON, exploration_final_eps=EPSILON, seed=arguments.seed,
        device="cpu", policy_kwargs={
            "net_arch": arguments.hidden_sizes,
            "activation_fn": torch.nn.Tanh,
            "optimizer_kwargs": {"eps": ADAM_EPSILON},
        })
    clock = Clock(warm_up_steps=2 * LEARNING_STARTS)
    agent.learn(arguments.steps, callback=ClockCallback(clock))
    show({**clock.stop(), "episodes": agent._episode_num, "threads": torch.get_num_threads()},
         ["stable_baselines3", "torch", "gymnasium", "numpy"], arguments.json)


if __name__ == "__main__":
    main(ARGUMENTS)
