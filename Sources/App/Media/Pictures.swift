import Engine

/// Images that something is shown with from now on.
struct Pictures: Sendable {
    /// Their keys under `/media`, in the order in which they are shown.
    let keys: [String]
    /// What the commit that shows them must say of them, and of those `owner` was shown with before.
    let changes: @Sendable (_ owner: RecordKey, _ before: [String]) -> [Change]
}

extension Media {
    /// Images that take the place of those before.
    func pictures(_ images: [UploadedImage]) -> Pictures {
        Pictures(keys: images.map(\.key.text)) { owner, before in
            attach(images, to: owner) + detach(before)
        }
    }
}
