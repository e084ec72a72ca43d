extension String {
  /// Whether a file of this name has the ending of a format, such as `svg`, in small letters or capitals.
  package func hasFileEnding(_ ending: String) -> Bool { lowercased().hasSuffix("." + ending) }
}
