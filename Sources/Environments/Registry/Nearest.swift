/// The candidate that is most similar to an unknown name.
///
/// Name and candidate are compared in lower case by their edit distance, with transpositions. The largest
/// distance is one edit per four letters, and one in a word of three letters. A name may also match the
/// first or the last words of a candidate, as `CartPole` does for `CartPole-v1`, `Breakout` for
/// `MinAtar/Breakout-v1`, and `slipery` for `is_slippery`.
///
/// - Returns: the nearest candidate. Of several equally near ones, it is one with the fewest letters
///   beyond the name, and of these the last, which in a list of ids is the newest version. `nil` if none
///   is near.
/// - Complexity: O(letters of the name · letters of the candidates), with allocations.
package func nearest(_ name: String, among candidates: [String]) -> String? {
  let name = Array(name.lowercased())
  guard name.count > 2 else { return nil }
  let (allowed, allowedInPart) = (max(1, name.count / 4), name.count / 4)
  var best: (candidate: String, distance: Int, rest: Int)?
  for candidate in candidates {
    let letters = Array(candidate.lowercased())
    // The name may lack the namespace of an id.
    let bases =
      [letters[...]] + letters.indices.filter { letters[$0] == "/" }.map { letters[($0 + 1)...] }
    let forms = bases.flatMap { base in
      [base]
        + base.indices.filter { "-_/:".contains(letters[$0]) }
        .flatMap { [base[..<$0], base[($0 + 1)...]] }
    }
    for form in forms {
      let limit = form.count == letters.count ? allowed : allowedInPart
      // The difference in length is a lower bound of the distance.
      guard abs(form.count - name.count) <= limit else { continue }
      let (distance, rest) = (editDistance(name[...], form), letters.count - form.count)
      guard distance <= limit, distance < form.count else { continue }
      if let best, (best.distance, best.rest) < (distance, rest) { continue }
      best = (candidate, distance, rest)
    }
  }
  return best?.candidate
}

/// The smallest number of insertions, deletions, substitutions and transpositions of adjacent letters.
///
/// Source: F. J. Damerau 1964, https://doi.org/10.1145/363958.363994, in the restricted form (optimal
/// string alignment).
private func editDistance(_ a: ArraySlice<Character>, _ b: ArraySlice<Character>) -> Int {
  let (a, b) = (Array(a), Array(b))
  var (old, last) = ([Int](), Array(0...b.count))
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      let replaced = last[j] + (a[i] == b[j] ? 0 : 1)
      var least = min(replaced, last[j + 1] + 1, row[j] + 1)
      if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] {
        least = min(least, old[j - 1] + 1)
      }
      row.append(least)
    }
    (old, last) = (last, row)
  }
  return last[b.count]
}
