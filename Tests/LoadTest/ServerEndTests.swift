import Measure
import Testing

@testable import LoadTest

struct ServerEndTests {
    private static let warning =
        "the server's process ended during the run: what it used is not known"

    @Test func `says that the server's process ended, at whichever end it is missing`() {
        #expect(ServerEnd.warnings([7], .own, nil) == [Self.warning])
        #expect(ServerEnd.warnings([7], nil, .own) == [Self.warning])
    }

    @Test func `says nothing of a server that is there, or that nobody named`() {
        #expect(ServerEnd.warnings([7], .own, .own).isEmpty)
        #expect(ServerEnd.warnings([], nil, nil).isEmpty)
    }
}
