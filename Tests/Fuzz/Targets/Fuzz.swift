// The functions that libFuzzer calls. `main` is libFuzzer's own.
//
//     fuzz --target=NAME [flags of libFuzzer] FOLDER…    fuzzes, with inputs in folders
//     fuzz --target=NAME --seeds=FOLDER                  writes the target's seeds
//     fuzz --digests                                     reads paths from standard input, a line each, and says
//                                                        what is in the files
//
// libFuzzer ignores flags that start with two hyphens, and passes them on to the processes that it starts.

import CFuzzer
import Foundation

/// The value of a flag such as `--target=NAME`; `nil` without it.
private func value(of flag: String) -> String? {
  CommandLine.arguments.first { $0.hasPrefix(flag + "=") }.map {
    String($0.dropFirst(flag.count + 1))
  }
}

/// The target that the command line names.
private let target: any FuzzTarget = {
  let name = value(of: "--target")
  guard let type = targets.first(where: { $0.name == name }) else {
    print(
      "--target is \(name ?? "missing"); allowed: \(targets.map { $0.name }.joined(separator: ", "))"
    )
    exit(64)
  }
  do { return try type.init() } catch { fatalError("\(error)") }
}()

/// Reads the flags, before the first input.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
  _ count: UnsafeMutablePointer<CInt>?,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> CInt {
  if CommandLine.arguments.contains("--digests") {
    while let path = readLine() { print(TensorDigest.line(of: path)) }
    exit(0)
  }
  if let folder = value(of: "--seeds") {
    do {
      for (name, bytes) in try target.seeds() {
        try Data(bytes).write(to: URL(filePath: folder).appending(path: name))
      }
    } catch { fatalError("\(error)") }
    exit(0)
  }
  // Before memory is limited.
  _ = target
  return 0
}

/// Reads an input with the target.
@_cdecl("LLVMFuzzerTestOneInput")
public func readInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  target.read(unsafe Array(UnsafeBufferPointer(start: bytes, count: count)))
  return 0
}

/// Changes an input; lengths and checksums are then wrong in one of eight.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(
  _ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int, _ limit: Int, _ seed: UInt32
) -> Int {
  let changed = unsafe LLVMFuzzerMutate(bytes, count, limit)
  if seed % 8 == 0 { return changed }
  let buffer = unsafe UnsafeMutableBufferPointer(start: bytes, count: limit)
  let repaired = target.repaired(unsafe Array(buffer.prefix(changed)))
  guard repaired.count <= limit else { return changed }
  _ = unsafe buffer.update(fromContentsOf: repaired)
  return repaired.count
}
