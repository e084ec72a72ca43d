public import DeepSARSA
internal import Foundation
internal import SARSAFiles

/// The kinds of files in which drawn episodes are written.
public enum FilmFormat: String, CaseIterable, Sendable {
  /// A film of few colours, which plays again and again in every browser and mail.
  case gif
  /// A film in H.264, for players and slides.
  case mp4
  /// A film that plays again and again, smaller than a GIF.
  case webp
  /// A picture of one frame.
  case png
  /// A picture of one frame, in any size.
  case svg

  /// Whether it has one frame only.
  public var isPicture: Bool { self == .png || self == .svg }

  /// The format that a file's name ends in; `nil` if there is none.
  public init?(ofFile path: String) {
    guard let format = Self.allCases.first(where: { path.hasFileEnding($0.rawValue) }) else {
      return nil
    }
    self = format
  }
}

/// How scenes become a file.
///
/// Films are made by `ffmpeg`, which reads SVG, and PNG by `rsvg-convert`; SVG needs neither. The same scenes give the
/// same bytes with the same version of these programs.
///
/// ```swift
/// try Film(format: .gif, framesPerSecond: 30, width: 600).write(pictures, to: "episode.gif")
/// ```
public struct Film: Hashable, Sendable {
  /// The format.
  public var format: FilmFormat
  /// The frames of a second.
  public var framesPerSecond: Int
  /// The width in pixels; even for a film.
  public var width: Int
  /// Whether it is drawn in tones for a dark background.
  public var isDark: Bool

  /// Describes a film.
  public init(format: FilmFormat, framesPerSecond: Int = 30, width: Int = 600, isDark: Bool = false)
  {
    self.format = format
    self.framesPerSecond = framesPerSecond
    self.width = width
    self.isDark = isDark
  }

  /// The program that the format needs.
  ///
  /// - Throws: `RunError.program` if it is not installed.
  public func requireProgram() throws(RunError) { _ = try program }

  private var program: Command? {
    get throws(RunError) {
      switch format {
      case .svg: nil
      case .png: try Command("rsvg-convert")
      case .gif, .mp4, .webp: try Command("ffmpeg")
      }
    }
  }

  /// Writes scenes as a film, or the last of them as a picture; the file appears as a whole or not at all.
  ///
  /// Frames are files in a temporary folder, which is removed at the end, also after a signal if the caller has
  /// called `TerminationSignals.installForCleanEnd()`.
  ///
  /// - Precondition: at least one scene.
  /// - Throws: `RunError.program` if a program is missing or fails, `RunError.system` if a file cannot be written.
  /// - Complexity: some milliseconds a frame.
  public func write(
    _ scenes: some BidirectionalCollection<Scene>, to path: String
  ) throws(RunError) {
    let program = try program
    guard let program, let last = scenes.last else {
      return try replace(
        path, with: Array((scenes.last?.svg(width: width, isDark: isDark) ?? "").utf8))
    }
    if format == .png {
      let svg = last.svg(width: width, isDark: isDark)
      return try replace(path, with: try program.run([], input: Array(svg.utf8)))
    }
    let folder = try TemporaryFolder()
    for (number, scene) in scenes.enumerated() {
      if TerminationSignals.isEnding { throw .program("'\(program.name)' was not called") }
      let svg = scene.svg(width: width, isDark: isDark)
      // Without a flush to the disk, which a temporary file does not need.
      try converting(RunError.system) { () throws(SystemError) in
        try AppendedFile("\(folder.path)/\(number.digits(6)).svg", keeping: 0).write(
          Array(svg.utf8))
      }
    }
    try program.runAll(arguments(in: folder.path))
    let film = try converting(RunError.system) { () throws(SystemError) in
      try Files.read("\(folder.path)/film.\(format.rawValue)", limit: .max)
    }
    try replace(path, with: film)
  }

  /// The calls of ffmpeg that make a film of the frames in a folder.
  private func arguments(in folder: String) -> [[String]] {
    let input = [
      "-nostdin", "-v", "error", "-y", "-threads", "1", "-framerate", "\(framesPerSecond)", "-i",
      "\(folder)/%06d.svg",
    ]
    // Without them the file names the version of the encoder, and its bytes depend on the number of cores.
    let exact = [
      "-threads", "1", "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact",
    ]
    let film = exact + ["\(folder)/film.\(format.rawValue)"]
    switch format {
    case .mp4:
      return [
        input + ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "18", "-movflags", "+faststart"]
          + film
      ]
    case .webp:
      return [input + ["-c:v", "libwebp_anim", "-lossless", "1", "-loop", "0"] + film]
    case .gif:
      // The colours are chosen in a pass of their own; in one pass all frames would be in memory.
      let palette = "\(folder)/palette.png"
      return [
        input + ["-vf", "palettegen", "-frames:v", "1", "-update", "1"] + exact + [palette],
        input
          + [
            "-i", palette, "-lavfi", "paletteuse=dither=none:diff_mode=rectangle", "-loop", "0",
          ] + film,
      ]
    case .png, .svg: return []
    }
  }
}

extension Command {
  fileprivate func runAll(_ calls: [[String]]) throws(RunError) {
    for arguments in calls { try run(arguments) }
  }
}

private func replace(_ path: String, with bytes: [UInt8]) throws(RunError) {
  try converting(RunError.system) { () throws(SystemError) in try Files.replace(path, with: bytes) }
}

/// A folder that is removed, with all that is in it, when its owner ends.
private struct TemporaryFolder: ~Copyable {
  let path: String

  init() throws(RunError) {
    let path = FileManager.default.temporaryDirectory
      .appending(path: "deep-sarsa-\(UUID().uuidString)").path(percentEncoded: false)
    _ = try converting(RunError.system) { () throws(SystemError) in
      try Files.createNewDirectory(path)
    }
    self.path = path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
