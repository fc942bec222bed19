import Testing

@testable import Transport

struct STOMPHeartBeatRunTests {
    @Test func `heart-beats that stand next can be dropped together`() throws {
        var parser = STOMPParser()
        let heartBeats = Array(repeating: UInt8(ascii: "\n"), count: 100)
        parser.append((heartBeats + Array("ACK\nid:1\n\n\0".utf8)).span)
        #expect(try next(of: &parser) == "heart-beat")
        parser.dropHeartBeats()
        #expect(try next(of: &parser) == "ACK")
        #expect(parser.isIdle)
    }

    @Test func `a parser of nothing but heart-beats holds nothing when they are dropped`() throws {
        var parser = STOMPParser()
        parser.append(Array(repeating: UInt8(ascii: "\n"), count: 100).span)
        #expect(try next(of: &parser) == "heart-beat")
        parser.dropHeartBeats()
        #expect(parser.isIdle)
    }

    @Test func `the end of a head is no heart-beat`() throws {
        var parser = STOMPParser()
        parser.append(Array("\nACK\nid:1\n".utf8).span)
        #expect(try next(of: &parser) == "heart-beat")
        parser.dropHeartBeats()
        #expect(try next(of: &parser) == nil)
        parser.append(Array("\n\0".utf8).span)
        parser.dropHeartBeats()
        #expect(try next(of: &parser) == "ACK")
    }

    private func next(of parser: inout STOMPParser) throws -> String? {
        switch try parser.next() {
        case nil: nil
        case .heartBeat: "heart-beat"
        case .frame(let frame): frame.command.text
        }
    }
}
