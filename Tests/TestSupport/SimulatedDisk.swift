internal import Foundation
internal import Glibc
internal import SARSAFiles

/// A disk that is only sure to keep what was flushed.
///
/// It follows the weakest reading of POSIX, as SQLite's crash tests do:
///
/// - What was written to a file, and its length, last once the file was flushed.
/// - That an entry was created, renamed or removed lasts once its folder was flushed.
/// - Of everything else a power failure leaves any part, in any order. A write can be torn, into a prefix or into
///   blocks, and a file that grew can hold anything where no write arrived. Only a rename is done or not done.
///
/// A disk is a value: a copy is the disk at an instant.
public struct SimulatedDisk: Sendable {
  /// A call that changed or flushed something, or opened or closed a file.
  enum Call: Sendable {
    case open(String, flags: Int32, file: Int32)
    case write([UInt8], file: Int32)
    case synchronize(file: Int32)
    case truncate(file: Int32, Int)
    case close(file: Int32)
    case rename(String, to: String)
    case remove(String)
    case createFolder(String)
  }

  /// The number of a file or folder, which keeps it when it is renamed.
  fileprivate typealias Node = Int

  private var files: [Node: File] = [:]
  /// With the topmost folder as 0.
  private var folders: [Node: Folder] = [0: Folder()]
  /// The next new file or folder.
  private var next: Node = 1
  /// What is open, and the place of the next byte; `nil` for the file's end.
  private var open: [Int32: (node: Node, place: Int?)] = [:]

  /// Makes an empty disk.
  public init() {}

  /// Makes a disk that has flushed the content of a folder.
  public init(contentOf path: String) throws {
    for name in try FileManager.default.subpathsOfDirectory(atPath: path).sorted() {
      guard let (folder, entry) = place(of: name) else { continue }
      let isFolder = try Files.isDirectory(path + "/" + name)
      create(entry, in: folder, isFolder: isFolder)
      if let node = node(at: name), !isFolder {
        files[node]?.bytes = try TestSupport.bytes(of: path + "/" + name)
      }
    }
    flush()
  }

  /// The bytes of the files in the topmost folder, as programs see them, by their names.
  public var contents: [String: [UInt8]] {
    (folders[0]?.entries ?? [:]).compactMapValues { files[$0]?.bytes }
  }

  /// Writes all files, as programs see them, to an existing folder.
  public func write(to path: String) throws { try write(0, to: path) }

  private func write(_ node: Node, to path: String) throws {
    if let file = files[node] { try Data(file.bytes).write(to: URL(filePath: path)) }
    guard let folder = folders[node] else { return }
    if node != 0 {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }
    for (name, node) in folder.entries { try write(node, to: path + "/" + name) }
  }

  /// Loses what was not flushed, or a drawn part of it.
  public mutating func failPower(using generator: inout some RandomNumberGenerator) {
    for node in files.keys.sorted() { files[node]?.failPower(using: &generator) }
    for node in folders.keys.sorted() { folders[node]?.failPower(using: &generator) }
    closeAll()
    flush()
  }

  /// Forgets what is open, as when programs end.
  mutating func closeAll() { open = [:] }

  private mutating func flush() {
    for node in files.keys { files[node]?.flush() }
    for node in folders.keys { folders[node]?.flush() }
  }
}

// MARK: - Calls

extension SimulatedDisk {
  /// Does what a call did; its paths begin below the topmost folder.
  mutating func apply(_ call: Call) {
    switch call {
    case .open(let path, let flags, let file):
      if flags & O_CREAT != 0, node(at: path) == nil, let (folder, name) = place(of: path) {
        create(name, in: folder, isFolder: false)
      }
      open[file] = node(at: path).map { ($0, flags & O_APPEND != 0 ? nil : 0) }
    case .write(let bytes, let file):
      guard let (node, place) = open[file] else { return }
      files[node]?.write(bytes, at: place)
      open[file] = (node, place.map { $0 + bytes.count })
    case .truncate(let file, let length):
      if let node = open[file]?.node { files[node]?.truncate(to: length) }
    case .synchronize(let file):
      guard let node = open[file]?.node else { return }
      files[node]?.flush()
      folders[node]?.flush()
    case .close(let file): open[file] = nil
    case .rename(let path, let target):
      guard let node = node(at: path), let (folder, name) = place(of: path),
        let (targetFolder, targetName) = place(of: target)
      else { return }
      precondition(folder == targetFolder, "a rename from one folder to another")
      folders[folder]?.change([(name, nil), (targetName, node)])
    case .remove(let path):
      if let (folder, name) = place(of: path) { folders[folder]?.change([(name, nil)]) }
    case .createFolder(let path):
      if let (folder, name) = place(of: path) { create(name, in: folder, isFolder: true) }
    }
  }

  private mutating func create(_ name: String, in folder: Node, isFolder: Bool) {
    if isFolder { folders[next] = Folder() } else { files[next] = File() }
    folders[folder]?.change([(name, next)])
    next += 1
  }

  /// The file or folder at a path; `nil` if there is none.
  private func node(at path: String) -> Node? {
    var node = 0
    for name in path.split(separator: "/") {
      guard let entry = folders[node]?.entries[String(name)] else { return nil }
      node = entry
    }
    return node
  }

  /// The folder of a path, and the name in it; `nil` if there is no such folder.
  private func place(of path: String) -> (folder: Node, name: String)? {
    let names = path.split(separator: "/")
    guard let name = names.last else { return nil }
    return node(at: names.dropLast().joined(separator: "/")).map { ($0, String(name)) }
  }
}

// MARK: - What a power failure leaves

/// How much of the changes that were not flushed has reached the disk.
private enum Arrival: CaseIterable {
  case nothing, part, everything

  init(using generator: inout some RandomNumberGenerator) {
    self = Self.allCases.randomElement(using: &generator) ?? .nothing
  }
}

extension SimulatedDisk {
  fileprivate struct File {
    enum Change {
      case write([UInt8], at: Int)
      case length(Int)
    }

    /// What programs see.
    var bytes: [UInt8] = []
    private var flushed: [UInt8] = []
    private var changes: [Change] = []

    mutating func write(_ new: [UInt8], at place: Int?) {
      let place = place ?? bytes.count
      changes.append(.write(new, at: place))
      bytes.replaceSubrange(place..<min(place + new.count, bytes.count), with: new)
    }

    mutating func truncate(to length: Int) {
      changes.append(.length(length))
      bytes.resize(to: length, with: [0])
    }

    mutating func flush() {
      flushed = bytes
      changes = []
    }

    mutating func failPower(using generator: inout some RandomNumberGenerator) {
      if changes.isEmpty { return }
      var lengths = [flushed.count]
      for change in changes {
        switch change {
        case .write(let new, let place):
          lengths.append(max(lengths.last ?? 0, place + new.count))
        case .length(let length): lengths.append(length)
        }
      }
      let length = lengths.randomElement(using: &generator) ?? 0
      // What the blocks of a file that grew held before.
      let rest =
        Bool.random(using: &generator)
        ? [0] : (0..<Self.blockSize).map { _ in UInt8.random(in: 0...255, using: &generator) }
      bytes = flushed
      bytes.resize(to: length, with: rest)
      let arrival = Arrival(using: &generator)
      for case .write(let new, let place) in changes.shuffled(using: &generator) {
        for part in parts(of: new, at: place, arrival, using: &generator) {
          let range = (place + part.lowerBound..<place + part.upperBound).clamped(to: 0..<length)
          bytes.replaceSubrange(range, with: new[part.prefix(range.count)])
        }
      }
    }

    /// The parts of a write that reach the disk.
    private func parts(
      of new: [UInt8], at place: Int, _ arrival: Arrival,
      using generator: inout some RandomNumberGenerator
    ) -> [Range<Int>] {
      let whole = new.indices
      switch arrival {
      case .nothing: return []
      case .everything: return [whole]
      case .part:
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: return []
        case 1: return [whole]
        case 2: return [whole.prefix(Int.random(in: 0...new.count, using: &generator))]
        default:
          let first = Self.blockSize - place % Self.blockSize
          let ends = stride(from: first, to: new.count, by: Self.blockSize)
          let blocks = zip([0] + ends, ends + [new.count])
          return blocks.map { $0..<$1 }.filter { _ in Bool.random(using: &generator) }
        }
      }
    }

    /// The bytes of a disk's block, which is written as a whole.
    private static let blockSize = 512
  }

  fileprivate struct Folder {
    /// Entries that change at once: a name and what it stands for then, `nil` for nothing.
    typealias Change = [(name: String, node: Node?)]

    /// What programs see.
    private(set) var entries: [String: Node] = [:]
    private var flushed: [String: Node] = [:]
    private var changes: [Change] = []

    mutating func change(_ change: Change) {
      changes.append(change)
      for (name, node) in change { entries[name] = node }
    }

    mutating func flush() {
      flushed = entries
      changes = []
    }

    /// Makes a drawn part of the changes: those of one name stay in their order, so that it stands for what it once
    /// stood for.
    mutating func failPower(using generator: inout some RandomNumberGenerator) {
      if changes.isEmpty { return }
      let arrival = Arrival(using: &generator)
      entries = flushed
      for change in changes {
        let arrives = arrival == .part ? Bool.random(using: &generator) : arrival == .everything
        if arrives { for (name, node) in change { entries[name] = node } }
      }
    }
  }
}

extension [UInt8] {
  /// Drops the last bytes, or appends some that are repeated.
  fileprivate mutating func resize(to length: Int, with new: [UInt8]) {
    if length < count { removeLast(count - length) }
    if length > count { self += (count..<length).map { new[$0 % new.count] } }
  }
}
