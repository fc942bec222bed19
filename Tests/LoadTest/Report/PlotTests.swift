import Foundation
import Measure
import Testing

@testable import LoadTest

#if canImport(FoundationXML)
    import FoundationXML
#endif

struct PlotTests {
    /// The elements of a document and its words; nil where it is no XML.
    private final class Reader: NSObject, XMLParserDelegate {
        var elements: [String: Int] = [:]
        var words = ""

        static func read(_ text: String) -> Reader? {
            let reader = Reader()
            let parser = XMLParser(data: Data(text.utf8))
            parser.delegate = reader
            return parser.parse() ? reader : nil
        }

        func parser(
            _ parser: XMLParser, didStartElement element: String, namespaceURI: String?,
            qualifiedName: String?, attributes: [String: String]
        ) {
            elements[element, default: 0] += 1
            for (name, value) in attributes
            where ["x", "y", "cx", "cy", "x1", "x2", "y1", "y2", "points"].contains(name) {
                let numbers = value.split { $0 == " " || $0 == "," }.map { Double($0) ?? .nan }
                if !numbers.allSatisfy({ (0...1_240).contains($0) }) { elements["outside"] = 1 }
            }
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) { words += string }
    }

    /// A plot of `count` messages to two members each, a tenth of a second apart.
    private func plot(
        count: Int, isDelivered: Bool = true, title: String = "fanout", warning: String? = nil,
        usage: Int64? = nil
    ) -> Plot {
        var timeline = Timeline(startUs: 0)
        var deliveries = Histogram()
        for number in 0..<Int64(count) {
            let nowUs = number * 100_000
            timeline.published(atUs: nowUs)
            for _ in 0..<(isDelivered ? 2 : 0) {
                timeline.delivered(atUs: nowUs, latencyUs: 500 + number * 7)
                deliveries.record(500 + number * 7)
            }
            guard let usage else { continue }
            timeline.sampleUsage(atUs: nowUs) {
                UsageTrack.Reading(
                    serverCPUUs: nowUs / usage, serverResidentBytes: nowUs, generatorCPUUs: nowUs)
            }
        }
        timeline.finish(atUs: Int64(count) * 100_000)
        return Plot(
            title: title, subtitle: ["a server"], deliveries: deliveries, receipts: nil,
            timeline: TimelineSummary(timeline), measured: nil, fanOut: 2,
            figures: [("server", ["1 µs", "2 %"]), ("empty", [])],
            warnings: warning.map { [$0] } ?? [])
    }

    @Test(arguments: [0, 1, 2, 50, 700], [true, false])
    func `is a whole document whose parts lie within it`(count: Int, isDelivered: Bool) throws {
        for usage in [nil, 3] as [Int64?] {
            let svg = plot(count: count, isDelivered: isDelivered, usage: usage).svg
            let reader = try #require(Reader.read(svg))
            #expect(reader.elements["svg"] == 1)
            #expect(reader.elements["outside"] == nil)
            #expect(!svg.contains("nan") && !svg.contains("inf"))
        }
    }

    @Test func `words with a meaning in XML stay words`() throws {
        let title = "<b> & \"c\" 'd' ]]> \u{1}"
        let reader = try #require(Reader.read(plot(count: 3, title: title).svg))
        #expect(reader.words.contains("<b> & \"c\" 'd' ]]> \u{fffd}"))
        #expect(reader.elements["b"] == nil)
    }

    @Test func `needs no other file`() {
        let svg = plot(count: 30, usage: 2).svg
        for reference in ["href", "url(", "@import", "<script", "<image"] {
            #expect(!svg.contains(reference))
        }
        #expect(svg.split(separator: "http").count == 2, "the namespace alone")
    }

    @Test func `paints its own background, so that dark viewers show dark on light`() throws {
        let svg = plot(count: 3).svg
        let first = try #require(svg.firstRange(of: "<rect"))
        #expect(
            svg[first.lowerBound...].hasPrefix(
                ##"<rect x="0" y="0" width="1240" height="860" fill="#ffffff"/>"##))
    }

    @Test func `says what it shows`() throws {
        let words = try #require(
            Reader.read(plot(count: 40, warning: "too late", usage: 2).svg)?.words)
        for word in [
            "Latency by percentile", "Latency over time", "Throughput", "CPU", "Server memory",
            "latency (ms)", "deliveries/s", "publishes/s", "time (s)", "% of a core", "MiB", "p50",
            "p99.9", "too late", "a server", "1 µs · 2 %",
        ] {
            #expect(words.contains(word), "\(word)")
        }
    }

    @Test func `leaves out what nothing is known of`() throws {
        let words = try #require(Reader.read(plot(count: 40).svg)?.words)
        #expect(!words.contains("CPU"))
        #expect(!words.contains("memory"))
        let silent = try #require(Reader.read(plot(count: 40, isDelivered: false).svg)?.words)
        #expect(silent.contains("nothing delivered"))
        #expect(!silent.contains("percentile"))
    }

    @Test func `the curve ends at the largest latency`() throws {
        let svg = plot(count: 2).svg
        // Two messages, 0.500 and 0.507 ms, on an axis up to 0.6 ms.
        let curve = try #require(
            svg.split(separator: "\n").first {
                $0.contains("stroke-width=\"2\"") && $0.contains("points")
            })
        let places = curve.split(separator: "points=\"")[1].split { $0 == "\"" || $0 == " " }
        let heights = places.compactMap { $0.split(separator: ",").last }.compactMap { Double($0) }
        #expect(heights.first == heights.max())
        #expect(heights.last == heights.min())
        #expect(heights.first != heights.last)
    }
}
