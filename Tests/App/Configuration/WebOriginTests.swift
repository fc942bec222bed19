import Testing

@testable import App

struct WebOriginTests {
    @Test(arguments: [
        ("https://pets.example", "https://pets.example"),
        ("HTTPS://Pets.Example:443", "https://pets.example"),
        ("http://localhost:8080", "http://localhost:8080"), ("http://a:80", "http://a"),
        ("http://a:443", "http://a:443"), ("http://[::1]:3000", "http://[::1]:3000"),
    ])
    func `is written as browsers send it`(text: String, canonical: String) {
        #expect(WebOrigin(text)?.text == canonical)
    }

    @Test(arguments: [
        "", "*", "null", "pets.example", "ftp://pets.example", "https://", "https://pets.example/",
        "https://u@pets.example", "https://a b", "https://a:", "https://a:0", "https://a:99999",
        "https://[::1", "https://[x]", "https://a,https://b",
    ])
    func `refuses what is no origin`(text: String) {
        #expect(WebOrigin(text) == nil)
    }
}
