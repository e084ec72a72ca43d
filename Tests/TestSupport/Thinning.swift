/// The distance between what a sweep tries: in debug builds, where each try takes some five times as long, only
/// every fifth is made.
///
/// ```swift
/// for cut in stride(from: 0, to: cuts, by: thinning) { … }
/// ```
///
/// `make test` tries all of them in its release build.
public let thinning: Int = {
  #if DEBUG
    return 5
  #else
    return 1
  #endif
}()
