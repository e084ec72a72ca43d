/// What the fake does wrong; every case is one that a process of a stranger's making can do.
///
/// At the start:
enum Fault: String, CaseIterable {
  case none
  case diesAtStart, hangsAtStart, otherVersion, otherMagic, shortHandshake, longHandshake
  case noActions, hugeObservation, boundsUpsideDown

  // In the step that `at` names:
  case dies, killsItself, hangs, hangsAndIgnoresSignals, closesItsSocket, leavesSomeoneBehind
  case halfAFrame, halfAFrameAndHangs, dribblesAndHangs, garbage, wrongChecksum, hugeLength,
    tinyLength
  case otherKind, twoFrames, tooFewNumbers, tooManyNumbers
  case notANumber, infiniteReward, outOfBounds, flagOfTwo
  case raises, raisesNonsense, raisesInLast, nanReward, hugeReward
  case slowSteps, hangsInLastStep, hangsWithNonsense
  case warnsAndDies
  case printsMuch, printsForever, printsAndDies, closesItsOutput

  // Always action masks, and in the step that `at` names:
  case masked, maskOfTwos, emptyMask, shortMask

  // In resets at the end of an episode:
  case slowReset, hangsInReset

  // After another process was started:
  case forgets

  // Always: a step takes 20 ms and no episode ends; an observation counts all resets there were.
  case slowAndEndless, remembers

  // Always: observations of zeros and ones, and a 2 in the step that `at` names.
  case zerosAndOnes

  // In a picture: an error, or what is no picture.
  case drawsNothing, drawsGarbage
}
