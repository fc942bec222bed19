import Engine
import Testing

@testable import Transport

struct UnfinishedCopyTests {
    @Test(
        arguments: [
            .clearing, .copying(from: nil, done: 0), .differing, .handing,
            .copying(from: ArchiveCursor(text: "records t61 b00 -7"), done: 12),
        ] as [UnfinishedCopy.Step])
    func `is read as it was noted`(step: UnfinishedCopy.Step) {
        for epoch in [nil, Epoch(rawValue: .max), Epoch(rawValue: 1)] {
            let note = UnfinishedCopy(source: "a\nb -", sourceEpoch: epoch, step: step)
            #expect(UnfinishedCopy(note.text) == note)
        }
    }

    @Test(
        arguments: [
            "", "copying", "copying 1", "copying x\n-\na", "clearing 1\n-\na", "gone\n-\na",
            "clearing\n\na", "clearing\nxyz\na", "copying\n-\na",
        ])
    func `nothing else is a note`(text: String) {
        #expect(UnfinishedCopy(text) == nil)
    }
}
