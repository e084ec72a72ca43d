internal import DeepSARSA

extension EpisodePictures {
  /// A frame as lines for a terminal: the environment's picture, and below it a line for every action.
  ///
  /// - Parameters:
  ///   - position: the frame, from 0.
  ///   - columns: the largest number of characters in a line.
  ///   - rows: the largest number of lines; where the actions would take most of them, the picture is left out.
  ///   - colors: the colours.
  ///   - isDark: whether the terminal's background is dark.
  /// - Returns: the lines, at most as many as there are rows.
  /// - Precondition: the episode has the frame; at least one column and one row.
  /// - Complexity: O(columns · rows · shapes).
  public func lines(
    ofFrame position: Int, columns: Int, rows: Int, colors: TerminalColors, isDark: Bool = true
  ) -> [String] {
    let frame = episode.frames[position]
    let caption = "step \(position)   return \(Self.text(returns[position]))"
    let values =
      [String(caption.prefix(columns))]
      + shownActions(of: frame).map { bar(of: $0, in: frame, columns: columns, colors) }
    let rest = rows - values.count
    guard let world = frame.scene, rest >= values.count || rest >= 8 else {
      return Array(values.prefix(rows))
    }
    return world.lines(columns: columns, rows: rest, colors: colors, isDark: isDark) + values
  }

  /// An action's number, its bar and its value in a line.
  private func bar(
    of action: Int, in frame: PlayedEpisode.Frame, columns: Int, _ colors: TerminalColors
  ) -> String {
    let isTaken = frame.action == action
    let longest = actionNames.map(\.count).max() ?? 0
    let name = actionNames[action].alignedRight(in: longest) + (isTaken ? " > " : "   ")
    let number = valueText(of: action, in: frame).alignedRight(in: 10)
    let width = Swift.max(0, columns - name.count - number.count)
    let eighths = Int((share(of: action, in: frame) * Double(8 * width)).rounded())
    let blocks = Array(" ▏▎▍▌▋▊▉")
    var bar = String(repeating: "█", count: eighths / 8)
    if !eighths.isMultiple(of: 8) { bar.append(blocks[eighths % 8]) }
    bar += String(repeating: " ", count: width - bar.count)
    let isColored = colors != .none && isTaken
    return name + (isColored ? "\u{1B}[34m\(bar)\u{1B}[0m" : bar) + number
  }
}
