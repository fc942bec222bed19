/// The headers of a SEND that a server reads, found in one walk over the frame's lines. Of a
/// repeated header the first one counts.
struct STOMPSendHeaders {
    private(set) var destination: Range<Int>?
    private(set) var contentType: Range<Int>?
    private(set) var receipt: Range<Int>?
    private(set) var idempotencyKey: Range<Int>?
    private(set) var transaction: Range<Int>?

    init(_ headers: STOMPHeaders) {
        let bytes = headers.lines.span
        var start = 0
        while let line = headers.nextLine(from: &start) {
            let name = bytes.extracting(line.name)
            // None of these holds a byte that could be escaped, so that bytes can be compared.
            switch name.count {
            case 7 where receipt == nil && STOMPBytes.equal(name, "receipt"):
                receipt = line.value
            case 11 where destination == nil && STOMPBytes.equal(name, "destination"):
                destination = line.value
            case 11 where transaction == nil && STOMPBytes.equal(name, "transaction"):
                transaction = line.value
            case 12 where contentType == nil && STOMPBytes.equal(name, "content-type"):
                contentType = line.value
            case 15 where idempotencyKey == nil && STOMPBytes.equal(name, "idempotency-key"):
                idempotencyKey = line.value
            case _:
                break
            }
        }
    }
}
