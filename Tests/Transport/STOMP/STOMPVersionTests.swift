import Testing
import Transport

struct STOMPVersionTests {
    @Test(
        arguments: [
            (nil, STOMPVersion.v10), ("1.0", .v10), ("1.1", .v11), ("1.2", .v12),
            ("1.0,1.1,1.2", .v12), ("1.2,1.1", .v12), ("1.0, 1.1", .v11), (" 1.1 ,2.0", .v11),
            ("2.0", nil), ("", nil), (",", nil), ("1", nil), ("1.20", nil), ("1.2;", nil),
        ] as [(String?, STOMPVersion?)])
    func `agrees on the highest version that both ends speak`(
        offered: String?, agreed: STOMPVersion?
    ) {
        #expect(STOMPVersion.negotiate(acceptVersion: offered) == agreed)
    }

    @Test(arguments: STOMPVersion.allCases)
    func `reads back the subprotocol it names`(version: STOMPVersion) {
        #expect(STOMPVersion(subprotocol: version.subprotocol) == version)
    }

    @Test(arguments: ["", "stomp", "v13.stomp", "V12.STOMP", "v12.stomp "])
    func `knows no other subprotocol`(name: String) {
        #expect(STOMPVersion(subprotocol: name) == nil)
    }
}
