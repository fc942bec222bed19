/// The version of the program, which is also the newest one in `CHANGELOG.md`.
package enum Version {
    package static let current = "0.1.0"
}
