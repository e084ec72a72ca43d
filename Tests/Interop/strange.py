"""Environments that a stranger might write; importing this module registers them."""

import os
import sys
import time
import warnings
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

SPACES = {
    "Box": spaces.Box(-1.0, 1.0, (3,), np.float64),
    "Image": spaces.Box(0, 255, (2, 3, 2), np.uint8),
    "Scalar": spaces.Box(-1.0, 1.0, (), np.float32),
    "Discrete": spaces.Discrete(5, start=-2),
    "MultiDiscrete": spaces.MultiDiscrete([3, 4], start=[-1, 7]),
    "MultiBinary": spaces.MultiBinary(6),
    "Tuple": spaces.Tuple((spaces.Discrete(3), spaces.Discrete(2, start=5))),
    "Dict": spaces.Dict({"a": spaces.Box(-1.0, 1.0, (2,)), "b": spaces.Discrete(3)}),
}


class Slow(gymnasium.Env):
    """Episodes of five steps, in which steps and resets take so many seconds."""

    action_space = spaces.Discrete(2)
    observation_space = spaces.Box(-1.0, 1.0, (2,))

    def __init__(self, step: float = 0, reset: float = 0) -> None:
        self.seconds = {"step": step, "reset": reset}
        self.steps = 0

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        time.sleep(self.seconds["reset"])
        self.steps = 0
        return np.zeros(2, np.float32), {}

    def step(self, action: int) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        time.sleep(self.seconds["step"])
        self.steps += 1
        return np.zeros(2, np.float32), 1.0, self.steps == 5, False, {}


class Strange(gymnasium.Env):
    """Ten steps of random observations from a space, with actions from −1 to 1, and a flaw."""

    action_space = spaces.Discrete(3, start=-1)

    def __init__(self, space: str = "Box", flaw: str = "") -> None:
        self.observation_space = SPACES[space]
        self.flaw = flaw
        self.steps = 0
        self.buffer = np.zeros(3)

    def observe(self) -> Any:
        if self.flaw == "reuses":
            self.buffer[:] = self.np_random.random(3)
            return self.buffer
        if self.flaw == "beyond":
            return {"a": np.array([2.0, -2.0]), "b": 1}
        self.observation_space.seed(int(self.np_random.integers(1 << 30)))
        return self.observation_space.sample()

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self.steps = 0
        match self.flaw:
            case "no pair":
                return self.observe()
            case "warns":
                warnings.warn("the floor is wet", stacklevel=1)
        return self.observe(), {}

    def step(self, action: int) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        assert action in (-1, 0, 1)
        self.steps += 1
        observation, reward = self.observe(), float(action)
        match self.flaw:
            case "prints":
                print("to standard output", "x" * 10_000)
                os.write(1, b"to its descriptor\n" * 100)
                sys.stderr.write("to standard error\n" * 100)
                os.system("echo from a shell")
            case "raises" if self.steps == 3:
                raise ValueError("three is\ntoo many")
            case "exits" if self.steps == 3:
                sys.exit(5)
            case "nan" if self.steps == 3:
                observation = np.full(3, np.nan)
            case "shape" if self.steps == 3:
                observation = np.zeros((2, 3))
            case "short" if self.steps == 3:
                observation = np.zeros(2)
            case "hangs" if self.steps == 3:
                while True:
                    pass
            case "four values" if self.steps == 3:
                return observation, reward, False, {}
            case "no tuple" if self.steps == 3:
                return None
            case "list as reward" if self.steps == 3:
                reward = [1.0]
            case "text as reward" if self.steps == 3:
                reward = "1"
            case "no reward" if self.steps == 3:
                reward = None
            case "too large a reward" if self.steps == 3:
                reward = 10**400
            case "nan as reward" if self.steps == 3:
                reward = -np.nan
            case "text as flag" if self.steps == 3:
                return observation, reward, "no", False, {}
            case "list as flag" if self.steps == 3:
                return observation, reward, False, [True], {}
            case "dict as observation" if self.steps == 3:
                observation = {"x": 1.0}
            case "no observation" if self.steps == 3:
                observation = None
            case "half" if self.steps == 3:
                observation = 0.5
            case "warns" if self.steps == 3:
                os._exit(3)
            case "whole numbers":
                return observation, np.int64(reward), np.int8(self.steps == 10), 0, {}
            case "arrays":
                reward = np.float32(reward)
                return observation, reward, np.bool_(self.steps == 10), np.bool_(False), {}
        return observation, reward, self.steps == 10, False, {}


gymnasium.register("Strange-v0", Strange, disable_env_checker=True)
gymnasium.register("Limited-v0", Strange, disable_env_checker=True, max_episode_steps=50)
gymnasium.register("Slow-v0", Slow, disable_env_checker=True)


class Anything(Strange):
    """It takes arguments of any name and value."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__()


gymnasium.register("Anything-v0", Anything, disable_env_checker=True)


class Masked(gymnasium.Env):
    """One of three actions is illegal, and costs 100; info["action_mask"] says which."""

    observation_space = spaces.Box(-1, 1, (3,), np.float32)
    action_space = spaces.Discrete(3)

    def __init__(self, flaw: str = "none") -> None:
        self.flaw, self.steps = flaw, 0

    def observe(self) -> tuple[np.ndarray, dict[str, Any]]:
        mask: Any = np.array([(self.steps + action) % 3 != 1 for action in range(3)], np.int8)
        if self.steps == 4:
            match self.flaw:
                case "nothing legal": mask[:] = 0
                case "short": mask = mask[:2]
                case "twos": mask = 2 * mask
                case "text": mask = "abc"
        info = {} if self.steps == 4 and self.flaw == "missing" else {"action_mask": mask}
        return self.np_random.uniform(-1, 1, 3).astype(np.float32), info

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        super().reset(seed=seed)
        self.steps = 0
        return self.observe()

    def step(self, action: int) -> Any:
        reward = -100.0 if (self.steps + action) % 3 == 1 else 1.0
        self.steps += 1
        observation, info = self.observe()
        return observation, reward, self.steps == 7, False, info


# Its limit truncates every episode in a state whose mask differs from a first state's.
gymnasium.register("Masked-v0", Masked, disable_env_checker=True, max_episode_steps=6)
