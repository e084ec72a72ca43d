import DeepSARSA
import Foundation
import SARSAExperiments
import TestSupport
import Testing

@Suite("Networks as C headers")
struct CExportTests {
  private static let texts = [
    "3 > dense 2", "3 > plain-layer-normalization",
    "4 > dense 9 > layer-normalization relu > dense 3",
    "2x3x2 > layer-normalization > dense 8 leaky-relu > dense 3 > dueling",
    "4 > dense 8 tanh > dense 8 silu > dense 8 dsilu > plain-layer-normalization silu > dense 2",
  ]

  /// The compilers that are there.
  private static let compilers = ["cc", "gcc", "clang"].compactMap { name in
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// Runs a program to its end; its output.
  private func run(_ path: String, _ arguments: [String] = []) throws -> String {
    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(text)")
    return text
  }

  @Test(
    "compile without a warning, and compute the policy's values and its actions", arguments: texts)
  func values(text: String) throws {
    let folder = try TemporaryFolder()
    let path = folder.path("model.safetensors")
    for isScaled in [false, true] {
      try ModelFile.write(
        drawnModel(text, isScaled: isScaled), environment: "a */ \"b\" /* ??/\n ü", step: 1,
        to: path)
      var model = try ModelFile(reading: path)
      try CExport.write(model, to: folder.path("model.h"))
      let columns = model.policy.description.inputs
      var generator = PCG64(seed: 4)
      let states = (0..<20).map { _ in
        (0..<columns).map { _ in Float(generator.uniform(-3, 3)) }
      }
      let program = """
        #include <stdio.h>
        #include "model.h"
        static const float states[][DEEP_SARSA_OBSERVATIONS] = {
        \(states.map { "{" + $0.map { "\($0)f" }.joined(separator: ",") + "}" }.joined(separator: ",\n"))
        };
        int main(void) {
          for (int row = 0; row < \(states.count); row++) {
            float q[DEEP_SARSA_ACTIONS];
            deep_sarsa_q(states[row], q);
            printf("%d", deep_sarsa_argmax(q));
            for (int i = 0; i < DEEP_SARSA_ACTIONS; i++) printf(" %.9g", (double)q[i]);
            printf("\\n");
          }
          const float equal[DEEP_SARSA_ACTIONS] = {0};
          return deep_sarsa_argmax(equal);
        }
        """
      try Data(program.utf8).write(to: URL(filePath: folder.path("main.c")))
      for compiler in Self.compilers {
        _ = try run(
          compiler,
          [
            "-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", folder.path("main.c"), "-lm",
            "-o", folder.path("main"),
          ])
        let lines = try run(folder.path("main")).split(separator: "\n")
        try #require(lines.count == states.count)
        for (state, line) in zip(states, lines) {
          let fields = line.split(separator: " ")
          let expected = model.policy.values(for: state)
          let largest = expected.reduce(0) { max($0, abs($1)) }
          #expect(Int(fields[0]) == model.policy.action(for: state))
          #expect(fields.count == 1 + expected.count)
          for (found, value) in zip(fields.dropFirst(), expected) {
            #expect(abs(try #require(Float(found)) - value) <= 1e-5 * largest)
          }
        }
      }
    }
  }

  @Test("have every parameter exactly, and include nothing that they do not need")
  func literals() throws {
    let folder = try TemporaryFolder()
    var model = try drawnModel("2 > dense 2")
    // 0.1, the largest and the smallest subnormal numbers, the largest number.
    let numbers = [0x3DCC_CCCD, 0x807F_FFFF, 1, 0x7F7F_FFFF].map { Float(bitPattern: $0) }
    for i in model.tensors.indices where model.tensors[i].shape == [2, 2] {
      model.tensors[i].values = numbers
    }
    try ModelFile.write(model, environment: nil, step: nil, to: folder.path("m"))
    try CExport.write(ModelFile(reading: folder.path("m")), to: folder.path("m.h"))
    let text = try String(contentsOfFile: folder.path("m.h"), encoding: .utf8)
    #expect(!text.contains("#include"))
    let program = """
      #include <stdio.h>
      #include "m.h"
      int main(void) {
        const float *numbers = deep_sarsa_weight_0[0];
        for (int i = 0; i < 4; i++) printf("%a ", (double)numbers[i]);
        return 0;
      }
      """
    try Data(program.utf8).write(to: URL(filePath: folder.path("main.c")))
    for compiler in Self.compilers {
      _ = try run(
        compiler,
        [
          "-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", folder.path("main.c"), "-o",
          folder.path("main"),
        ])
      let found = try run(folder.path("main")).split(separator: " ").map { Double($0) }
      #expect(found == numbers.map { Double($0) })
    }
  }
}
