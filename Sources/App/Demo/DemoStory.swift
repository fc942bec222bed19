/// A few days of a small community, for `--demo`: who there is, what they write, offer and say.
enum DemoStory {
    /// Their nicknames. Others refer to them by their place here.
    static let people = [
        "보리누나", "Coco & me", "나비집사", "Biscuit", "초코아빠", "Willow", "두부맘", "Mango",
    ]

    struct Pet {
        let owner: Int
        let text: PetText
    }

    static let pets = [
        Pet(owner: 0, text: PetText(name: "보리", type: .dog, kind: "진돗개", gender: .female)),
        Pet(owner: 1, text: PetText(name: "Coco", type: .dog, kind: "Poodle", gender: .male)),
        Pet(owner: 2, text: PetText(name: "나비", type: .cat, kind: "코리안 숏헤어", gender: .female)),
        Pet(
            owner: 5,
            text: PetText(name: "Willow", type: .rabbit, kind: "Holland Lop", gender: .female)),
        Pet(owner: 6, text: PetText(name: "두부", type: .dog, kind: "비숑 프리제", gender: .male)),
        Pet(owner: 7, text: PetText(name: "Mango", type: .bird, kind: "Cockatiel", gender: .male)),
    ]

    /// What somebody says about an article.
    struct Remark {
        let author: Int
        let content: String

        init(_ author: Int, _ content: String) {
            self.author = author
            self.content = content
        }
    }

    struct Post {
        let author: Int
        let title: String
        let content: String
        let likes: [Int]
        let remarks: [Remark]
    }

    static let posts = [
        Post(
            author: 0, title: "한강 산책 코스 추천해요",
            content: "망원에서 시작해서 난지까지 걷는데 흙길이 많아서 보리가 정말 좋아해요.\n저녁에는 그늘도 있어요.",
            likes: [1, 2, 4, 6],
            remarks: [
                Remark(4, "주말에 초코랑 가 볼게요. 물 마실 곳도 있나요?"),
                Remark(0, "네, 중간에 음수대가 두 군데 있어요!"),
            ]),
        Post(
            author: 3, title: "How do you trim claws at home?",
            content:
                "Biscuit hides as soon as she sees the clippers. Any tricks that worked for you?",
            likes: [5, 7],
            remarks: [
                Remark(5, "One claw a day, with a treat after each. Took us two weeks."),
                Remark(2, "저는 잘 때 하나씩 깎아요. 불을 끄면 더 얌전해요."),
            ]),
        Post(
            author: 2, title: "고양이 첫 건강검진, 얼마나 하셨어요?",
            content: "나비가 한 살이 되었어요. 기본 검사만 할지 초음파까지 할지 고민입니다.",
            likes: [0, 6], remarks: [Remark(6, "혈액 검사까지만 해도 충분하다고 하셨어요.")]),
        Post(
            author: 5, title: "Rabbits and winter heating",
            content:
                "Willow sits right beside the heater. Is that fine, or should I keep her away from it?",
            likes: [7], remarks: [Remark(7, "Keep some distance, and mind how dry the air gets.")]),
        Post(
            author: 6, title: "비 오는 날 놀아 주기",
            content: "산책을 못 나가면 노즈워크 매트에 간식을 숨겨 줍니다. 30분이면 곯아떨어져요.",
            likes: [0, 1, 4], remarks: []),
        Post(
            author: 1, title: "Found: small brown dog near Seoul Forest",
            content: "Blue collar, no tag, very friendly. Safe at the shelter by gate 3 now.",
            likes: [0, 2, 3, 4, 5, 6],
            remarks: [Remark(0, "공유할게요! 주인을 빨리 찾았으면 좋겠네요.")]),
    ]

    struct Trade {
        let seller: Int
        let text: ArticleText
        let buyer: Int?
        /// What buyer and seller say, in turns; the buyer begins.
        let talk: [String]
    }

    static let trades = [
        Trade(
            seller: 4,
            text: trade(
                "강아지 이동장 (중형)", "두 번 썼어요. 접이식입니다.", .item, 25_000, 37.5563, 126.9236, "서울 마포구"),
            buyer: 0, talk: ["안녕하세요, 아직 있나요?", "네, 오늘 저녁에도 가능해요.", "그럼 7시에 홍대입구역에서 뵐게요!"]),
        Trade(
            seller: 1,
            text: trade(
                "Grain-free dog food, 5 kg", "Unopened; Coco is too picky for it.", .food, 18_000,
                37.5446, 127.0374, "Seongdong-gu, Seoul"),
            buyer: 6, talk: ["Is the price negotiable?", "I could do 16,000."]),
        Trade(
            seller: 2,
            text: trade(
                "캣타워 나눔해요", "이사 가면서 드려요. 직접 가져가셔야 합니다.", .item, 0, 37.4979, 127.0276, "서울 강남구"),
            buyer: nil, talk: []),
        Trade(
            seller: 7,
            text: trade(
                "Bird cage with stand", "75 cm, easy to clean.", .item, 40_000, 35.1796, 129.0756,
                "Busan"),
            buyer: nil, talk: []),
        Trade(
            seller: 6,
            text: trade(
                "수제 간식 모둠", "닭가슴살과 고구마로 만들었어요. 냉동 보관.", .food, 9_000, 37.5172, 127.0473, "서울 강남구"),
            buyer: nil, talk: []),
    ]

    private static func trade(
        _ title: String, _ content: String, _ category: TradeCategory, _ price: Int64,
        _ latitude: Double, _ longitude: Double, _ address: String
    ) -> ArticleText {
        ArticleText(
            title: title, content: content, category: category, price: price,
            place: Place(latitude: latitude, longitude: longitude), address: address)
    }

    struct Chat {
        let owner: Int
        let title: String
        let content: String
        let members: [Int]
        let talk: [Remark]
    }

    static let chats = [
        Chat(
            owner: 0, title: "아침 산책 모임", content: "한강에서 매일 7시에 만나요.", members: [1, 4, 6],
            talk: [
                Remark(0, "내일 비 온다는데 다들 오시나요?"), Remark(4, "초코는 비 좋아해서 갑니다 ㅎㅎ"),
                Remark(1, "Coco hates rain, see you on Thursday!"), Remark(6, "저희도 목요일에 뵐게요 🐾"),
            ]),
        Chat(
            owner: 2, title: "집사들의 수다", content: "고양이 이야기라면 무엇이든.", members: [3, 5],
            talk: [
                Remark(2, "나비가 새벽 네 시에 깨워요…"),
                Remark(3, "Same here. Feeding later in the evening helped."),
                Remark(2, "오늘부터 해 볼게요!"),
            ]),
        Chat(
            owner: 5, title: "Small pets corner",
            content: "Rabbits, birds, hamsters: everybody who is not a dog.",
            members: [7, 3],
            talk: [
                Remark(5, "Which hay does everyone buy?"),
                Remark(7, "Mango says: none, thank you."),
                Remark(5, "Fair."),
            ]),
    ]
}
