extension Preset {
  /// All presets: those of single environments first; an environment's first preset is its default.
  ///
  /// docs/presets.md is what `deep-sarsa presets --markdown` prints of them.
  public static let all = [
    Preset(
      "tuned", .mountainCar, for: ["MountainCar-v0"],
      """
      three-step returns, layer normalisation and scaled inputs; chosen from ten settings that were tried \
      with 8 seeds each
      """),
    Preset(
      "fast", .mountainCarFast, for: ["MountainCar-v0"], evaluationEpisodes: 20, stopsAt: -107,
      "stops at a return above the threshold, -110; chosen from ten settings with 6 or 12 seeds each"
    ),
    Preset(
      "tuned", .cartPole, for: ["CartPole-v1", "CartPole-v0"],
      """
      three-step returns, layer normalisation and scaled inputs; chosen from a few settings that were tried \
      with 10 seeds each
      """),
    Preset(
      "fast", .cartPoleFast, for: ["CartPole-v1"], evaluationInterval: 2_048,
      evaluationEpisodes: 20,
      stopsAt: 475,
      """
      SARSA(λ) in 16 environments at once, which stops at the threshold; chosen from 12 settings with 12 \
      seeds each
      """),
    Preset(
      "tuned", .acrobot, for: ["Acrobot-v1"],
      """
      the values of 'general'; three-step returns and scaled inputs were tried with 8 seeds each, and were \
      not better
      """),
    Preset(
      "fast", .acrobotFast, for: ["Acrobot-v1"], evaluationInterval: 2_000, evaluationEpisodes: 20,
      stopsAt: -88,
      "stops at a return above the threshold, -100; chosen from 20 settings with 12 to 20 seeds each"
    ),
    Preset(
      "tuned", .lunarLander, for: ["LunarLander-v3"],
      "the best of a few settings that were tried by hand; no search was made"),
    Preset(
      "fast", .lunarLanderFast, for: ["LunarLander-v3"], evaluationInterval: 20_000,
      evaluationEpisodes: 20, stopsAt: 225,
      """
      three-step returns with small rewards, which stop at a return above the threshold, 200; chosen from 13 \
      settings with 1 to 4 seeds each
      """),
    Preset(
      "tuned", .frozenLake, for: ["FrozenLake-v1"], evaluationInterval: 20_000,
      "SARSA(λ) in 32 environments at once; chosen from 12 settings with 6 seeds each"
    ),
    Preset(
      "tuned", .cliffWalking, for: ["CliffWalking-v1"], evaluationEpisodes: 1,
      "Q-learning, which takes the shortest way; chosen from 11 settings with 3 to 6 seeds each"),
    Preset(
      "tuned", .taxi, for: ["Taxi-v4"], evaluationInterval: 20_000,
      """
      SARSA(λ) in 32 environments at once with a linear network; chosen from four settings with 4 seeds each
      """),
    Preset(
      "tuned", .catchBall, for: ["bsuite/Catch-v0"],
      "SARSA(λ) in 32 environments at once; chosen from four settings with 6 seeds each"),
    Preset(
      "tuned", .deepSea, for: ["bsuite/DeepSea-v0"],
      """
      SARSA(λ) in 32 environments at once with a linear network; chosen from seven settings with 6 or 30 \
      seeds each
      """),
    Preset(
      "tuned", .minAtar, for: minAtarGames, evaluationInterval: 250_000, evaluationEpisodes: 20,
      """
      SARSA(λ) in 32 environments at once, for five million steps; a few settings were tried with one or two \
      seeds in Breakout
      """),
    Preset(
      "fast", .minAtarFast, for: minAtarGames, evaluationInterval: 50_000, evaluationEpisodes: 20,
      "a smaller network for 500,000 steps; from the same trials"),
    Preset(
      "general", Hyperparameters(),
      """
      the defaults, for environments without a preset of their own; chosen from ten settings by a short \
      comparison in up to ten environments, with one or two seeds
      """),
    Preset(
      "notebook", .notebook,
      "the recipe of a course's notebook for MountainCar-v0, with one mistake corrected; no search was made"
    ),
    Preset(
      "parallel", .parallel,
      """
      SARSA(λ) in 32 environments at once, without replay memory and target network; rule and λ are the \
      best of six pairs that were tried in CartPole-v1 and Acrobot-v1 with three seeds each
      """),
    Preset(
      "streaming", .streaming,
      """
      stream SARSA(λ), which learns from each transition once and stores none, with the values of its \
      authors, but for wider layers: the best of 14 settings that were tried in Acrobot-v1 with 10 seeds each
      """),
  ]

  private static let minAtarGames = ["Asterix", "Breakout", "Freeway", "Seaquest", "SpaceInvaders"]
    .flatMap { ["MinAtar/\($0)-v1", "MinAtar/\($0)-v0"] }
}
