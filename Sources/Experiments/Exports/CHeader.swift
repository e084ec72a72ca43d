internal import DeepSARSA

/// A C99 header that computes a list of operations.
///
/// Each operation works on the array `x0`, `x1`, … that the last one left: number by number in place, or to a
/// new array if it has other columns.
struct CHeader {
  private let inputs: Int
  private let notes: [String]
  /// The columns of the last operation's output.
  private var columns: Int
  /// The number of the array that holds it.
  private var array = 0
  /// The number of the next operation.
  private var number = 0
  private var constants = ""
  private var body: String
  private var needsMath = false

  /// A header whose function returns its argument.
  ///
  /// - Parameters:
  ///   - columns: the numbers of an observation.
  ///   - notes: lines of the comment at the top; what could end the comment is escaped.
  init(columns: Int, notes: [String]) {
    inputs = columns
    self.columns = columns
    self.notes = notes
    body = """
        float x0[\(columns)];
        for (int i = 0; i < \(columns); i++) x0[i] = observation[i];

      """
  }

  /// The whole file.
  ///
  /// - Complexity: O(numbers).
  var text: String {
    """
    /* Written by deep-sarsa \(Machine.version).
     *
    \(notes.map { " * \(Self.comment($0))\n" }.joined()) */
    #ifndef DEEP_SARSA_H
    #define DEEP_SARSA_H

    \(needsMath ? "#include <math.h>\n\n" : "")\
    #define DEEP_SARSA_OBSERVATIONS \(inputs)
    #define DEEP_SARSA_ACTIONS \(columns)
    \(constants)
    /* From an observation, as the environment gives it, to its action values. */
    static inline void deep_sarsa_q(const float *observation, float *action_values) {
    \(body)\
      for (int i = 0; i < \(columns); i++) action_values[i] = x\(array)[i];
    }

    /* The first action with the highest value. */
    static inline int deep_sarsa_argmax(const float *action_values) {
      int best = 0;
      for (int i = 1; i < \(columns); i++) {
        if (action_values[i] > action_values[best]) best = i;
      }
      return best;
    }

    #endif

    """
  }

  /// Appends an operation.
  mutating func add(_ operation: Operation) {
    let x = "x\(array)"
    switch operation {
    case .subtract(let values):
      let offset = constant("offset", values)
      body += "  for (int i = 0; i < \(columns); i++) \(x)[i] -= \(offset)[i];\n"
    case .multiply(let values):
      let scale = constant("scale", values)
      body += "  for (int i = 0; i < \(columns); i++) \(x)[i] *= \(scale)[i];\n"
    case .affine(let weights, let bias):
      let (weights, bias) = (constant("weight", weights, rows: bias.count), constant("bias", bias))
      let y = newArray(for: operation)
      body += """
          for (int i = 0; i < \(operation.outputs(of: columns)); i++) {
            float sum = 0;
            for (int j = 0; j < \(columns); j++) sum += \(weights)[i][j] * \(x)[j];
            \(y)[i] = sum + \(bias)[i];
          }

        """
    case .convolve(let patches, let weights, let bias):
      let filters = bias.count
      let (weights, bias) = (constant("weight", weights, rows: filters), constant("bias", bias))
      let y = newArray(for: operation)
      let (channels, size) = (patches.channels, patches.size)
      body += """
          for (int i = 0; i < \(patches.rows); i++) {
            for (int j = 0; j < \(patches.columns); j++) {
              const float *patch = \(x) + (i * \(patches.width) + j) * \(patches.stride * channels);
              for (int f = 0; f < \(filters); f++) {
                const float *weight = \(weights)[f];
                float sum = 0;
                for (int c = 0; c < \(channels); c++) {
                  for (int u = 0; u < \(size); u++) {
                    for (int v = 0; v < \(size); v++) {
                      sum += *weight++ * patch[(u * \(patches.width) + v) * \(channels) + c];
                    }
                  }
                }
                \(y)[(i * \(patches.columns) + j) * \(filters) + f] = sum + \(bias)[f];
              }
            }
          }

        """
    case .normalize(let size, let epsilon, let affine):
      needsMath = true
      let factor = affine.map { " * \(constant("gain", $0.gain))[i]" } ?? ""
      let term = affine.map { " + \(constant("bias", $0.bias))[i]" } ?? ""
      body += """
          for (float *x = \(x); x < \(x) + \(columns); x += \(size)) {
            float sum = 0, squares = 0;
            for (int i = 0; i < \(size); i++) sum += x[i];
            const float mean = sum / \(size);
            for (int i = 0; i < \(size); i++) squares += (x[i] - mean) * (x[i] - mean);
            const float scale = 1 / sqrtf(squares / \(size) + \(Self.literal(epsilon)));
            for (int i = 0; i < \(size); i++) x[i] = (x[i] - mean) * scale\(factor)\(term);
          }

        """
    case .activate(let activation):
      needsMath = needsMath || activation.needsMath
      body += """
          for (int i = 0; i < \(columns); i++) {
            const float z = \(x)[i];
            \(x)[i] = \(activation.expression);
          }

        """
    case .dueling:
      let (y, actions) = (newArray(for: operation), columns - 1)
      body += """
          {
            float sum = 0;
            for (int i = 0; i < \(actions); i++) sum += \(x)[1 + i];
            for (int i = 0; i < \(actions); i++) \(y)[i] = \(x)[0] + (\(x)[1 + i] - sum / \(actions));
          }

        """
    }
    columns = operation.outputs(of: columns)
    number += 1
  }

  /// Declares the array of an operation's output.
  private mutating func newArray(for operation: Operation) -> String {
    array += 1
    body += "  float x\(array)[\(operation.outputs(of: columns))];\n"
    return "x\(array)"
  }

  /// Declares an array of constants, or a matrix with this number of rows.
  private mutating func constant(_ kind: String, _ values: [Float], rows: Int? = nil) -> String {
    let name = "deep_sarsa_\(kind)_\(number)"
    let width = values.count / (rows ?? 1)
    let sides = (rows.map { "[\($0)]" } ?? "") + "[\(width)]"
    constants += "\nstatic const float \(name)\(sides) = {\n"
    for row in 0..<(rows ?? 1) {
      if rows != nil { constants += "  {\n" }
      for start in stride(from: 0, to: width, by: Self.numbersPerLine) {
        let line = row * width + start..<row * width + min(start + Self.numbersPerLine, width)
        let literals = values[line].map { Self.literal($0) + "," }
        constants += "    " + literals.joined(separator: " ") + "\n"
      }
      if rows != nil { constants += "  },\n" }
    }
    constants += "};\n"
    return name
  }

  private static let numbersPerLine = 6

  /// The shortest literal that a compiler reads as this number.
  private static func literal(_ value: Float) -> String { "\(value)f" }

  /// Text that neither ends nor opens a comment and has no trigraph, on one line and in ASCII.
  private static func comment(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar in
      (" "..."~").contains(scalar) ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
    }.joined()
    return escaped.replacing("*/", with: "*\\/").replacing("/*", with: "/\\*")
      .replacing("??", with: "?\\?")
  }
}

extension Activation {
  /// Whether the expression calls a function of `<math.h>`.
  fileprivate var needsMath: Bool {
    switch self {
    case .identity, .relu, .leakyReLU: false
    case .tanh, .silu, .dsilu: true
    }
  }

  /// The function of `z`; the smooth ones are computed in double precision and rounded once.
  fileprivate var expression: String {
    switch self {
    case .identity: "z"
    case .relu: "z < 0 ? 0 : z"
    case .leakyReLU: "z < 0 ? z * \(Float(Self.leakyReLUSlope))f : z"
    case .tanh: "(float)tanh(z)"
    case .silu: "(float)(z / (1 + exp(-(double)z)))"
    case .dsilu:
      "(float)((1 + z * (1 - 1 / (1 + exp(-(double)z)))) / (1 + exp(-(double)z)))"
    }
  }
}
