import Testing
import Transport

@testable import App

/// The vectors that AWS publishes: those of its Signature Version 4 test suite, and the examples in
/// the API reference of Amazon S3 ("Authenticating Requests").
struct AWSSignatureTests {
    private static let suite = AWSSignature(
        AWSSignature.Credentials(
            accessKey: "AKIDEXAMPLE",
            secretKey: Array("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".utf8)),
        region: "us-east-1", service: "service", timeMs: 1_440_938_160_000)

    private static let storage = AWSSignature(
        AWSSignature.Credentials(
            accessKey: "AKIAIOSFODNN7EXAMPLE",
            secretKey: Array("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".utf8)),
        region: "us-east-1", service: "s3", timeMs: 1_369_353_600_000)

    private static let emptyHash =
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    @Test(arguments: [
        (HTTPMethod.get, [], "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        (
            .get, [("Param2", "value2"), ("Param1", "value1")],
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
        ),
        (.post, [], "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ])
    func `signs the requests of the test suite`(
        method: HTTPMethod, query: [(String, String)], signature: String
    ) {
        let request = AWSSignature.Request(
            method: method, path: "/", query: query.map { (name: $0.0, value: $0.1) },
            headers: [("host", "example.amazonaws.com"), ("x-amz-date", "20150830T123600Z")],
            payloadHash: Self.emptyHash)
        #expect(Self.suite.signature(of: request) == signature)
    }

    @Test func `signs the examples of the storage service`() {
        let host = (name: "host", value: "examplebucket.s3.amazonaws.com")
        let date = (name: "x-amz-date", value: "20130524T000000Z")
        let hash = (name: "x-amz-content-sha256", value: Self.emptyHash)
        let get = AWSSignature.Request(
            method: .get, path: "/test.txt", headers: [host, ("range", "bytes=0-9"), hash, date],
            payloadHash: Self.emptyHash)
        #expect(
            Self.storage.signature(of: get)
                == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
        let list = AWSSignature.Request(
            method: .get, path: "/", query: [("prefix", "J"), ("max-keys", "2")],
            headers: [host, hash, date], payloadHash: Self.emptyHash)
        #expect(
            Self.storage.signature(of: list)
                == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
    }

    @Test func `signs a PUT with its headers, whatever their order`() {
        let body = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
        let put = AWSSignature.Request(
            method: .put, path: "/test%24file.text",
            headers: [
                ("x-amz-storage-class", "REDUCED_REDUNDANCY"), ("x-amz-date", "20130524T000000Z"),
                ("x-amz-content-sha256", body), ("host", "examplebucket.s3.amazonaws.com"),
                ("date", "Fri, 24 May 2013 00:00:00 GMT"),
            ],
            payloadHash: body)
        #expect(
            Self.storage.signature(of: put)
                == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
    }

    @Test func `signs an address as the storage service's example does`() {
        let query = Self.storage.presignedQuery(
            .get, path: "/test.txt", headers: [("host", "examplebucket.s3.amazonaws.com")],
            seconds: 86_400)
        #expect(
            query == "X-Amz-Algorithm=AWS4-HMAC-SHA256"
                + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature="
                + "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")
    }
}
