import DeepSARSA
let n = Int(CommandLine.arguments.dropFirst().first ?? "100000") ?? 100000
let seed = UInt64(CommandLine.arguments.dropFirst(2).first ?? "1") ?? 1
var hp = Hyperparameters.notebook
if CommandLine.arguments.count > 3 { hp.replay.capacity = Int(CommandLine.arguments[3])! }
let env = ReplicatedEnvironment(TimeLimit(MountainCar(), maximumSteps: 200))
var trainer = try Trainer(hp, environment: env, seed: seed)
let clock = ContinuousClock()
let t0 = clock.now
var loss: Float = 0
var recent: [Double] = []
while trainer.steps < n && !trainer.isFinished {
  let e = try trainer.advance()
  if let u = e.update { loss = u.loss }
  if e.finishedEpisodes > 0 { recent.append(trainer.finishedEpisodes[0].totalReward) }
}
let dt = clock.now - t0
let s = Double(dt.components.seconds) + Double(dt.components.attoseconds) * 1e-18
print(BLAS.coreName, KernelTier.preferred.name, trainer.steps, trainer.episodes, "loss", loss, "steps/s", Double(trainer.steps) / s, "us/step", s / Double(trainer.steps) * 1e6, "last100", recent.suffix(100).reduce(0,+) / Double(min(100, recent.count)))
