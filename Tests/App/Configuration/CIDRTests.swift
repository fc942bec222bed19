import Testing

@testable import App

struct CIDRTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false),
        ("192.0.2.128/25", "192.0.2.128", true), ("192.0.2.128/25", "192.0.2.127", false),
        ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "::1", false),
        ("::/0", "2001:db8::1", true), ("::/0", "203.0.113.9", false),
        ("127.0.0.1", "127.0.0.1", true), ("127.0.0.1", "127.0.0.2", false),
        ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe00::1", false),
        ("2001:db8::/33", "2001:db8:7fff::", true), ("2001:db8::/33", "2001:db8:8000::", false),
        ("::1", "::1", true), ("::1/128", "::2", false),
        ("10.0.0.0/8", "::ffff:10.1.2.3", true),
    ])
    func `contains the addresses that share its first bits`(
        range: String, address: String, isInside: Bool
    ) throws {
        let range = try #require(CIDR(range))
        let address = try #require(IPAddress(address[...]))
        #expect(range.contains(address) == isInside)
    }

    @Test(arguments: ["10.0.0.0/8", "127.0.0.1", "::/0", "fd00::/8", "::1"])
    func `reads back what it writes`(text: String) {
        #expect(CIDR(text)?.description == text)
    }

    @Test(arguments: [
        "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8",
        "::/129", "10.0.0.1/8", "fd00::1/8", "10.0.0.0 /8", "everyone",
    ])
    func `refuses what is no range, or has bits below its prefix`(text: String) {
        #expect(CIDR(text) == nil)
    }
}
