import Measure

/// What people of a Korean and English community write: made of words by chance, as long as people
/// write.
struct CommunityText {
    private var random: SeededRandom

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    mutating func nickname(_ number: Int) -> String {
        isKorean() ? "\(one(of: Self.names))\(number)" : "\(one(of: Self.englishNames))\(number)"
    }

    mutating func title() -> String {
        isKorean()
            ? "\(one(of: Self.places)) \(one(of: Self.pets)) \(one(of: Self.things)) \(one(of: Self.titleEnds))"
            : "\(one(of: Self.englishThings)) for my \(one(of: Self.englishPets)) in \(one(of: Self.englishPlaces))"
    }

    /// Several sentences of one language.
    mutating func content() -> String {
        let isKorean = isKorean()
        let count = 1 + Int.random(in: 0...3, using: &random) + (random.happens(0.1) ? 6 : 0)
        return (0..<count).map { _ in sentence(isKorean) }.joined(separator: " ")
    }

    /// One sentence.
    mutating func remark() -> String { sentence(isKorean()) }

    mutating func address() -> String {
        "서울 \(one(of: Self.places)) \(Int.random(in: 1...300, using: &random))번지"
    }

    private mutating func sentence(_ isKorean: Bool) -> String {
        let number = Int.random(in: 1...36, using: &random)
        guard isKorean else {
            return "\(one(of: Self.englishBeginnings)) my \(one(of: Self.englishPets)) "
                + "(\(number) months) \(one(of: Self.englishVerbs)) the \(one(of: Self.englishThings)) "
                + "near \(one(of: Self.englishPlaces))."
        }
        return
            "\(one(of: Self.beginnings)) \(number)개월 된 \(one(of: Self.pets))\(one(of: Self.particles)) "
            + "\(one(of: Self.places))에서 \(one(of: Self.things))\(one(of: Self.verbs))."
    }

    private mutating func isKorean() -> Bool { random.happens(0.7) }

    private mutating func one(of words: [String]) -> String {
        words[Int.random(in: words.indices, using: &random)]
    }

    private static func words(_ text: String) -> [String] {
        text.split { $0 == "," || $0 == "\n" }.map { word in
            String(word.drop { $0 == " " })
        }.filter { !$0.isEmpty }
    }

    private static let names = words("초코, 보리, 콩이, 두부, 나비, 해피, 루루, 몽이, 코코, 별이, 단추, 구름")
    private static let pets = words(
        """
        강아지, 고양이, 말티즈, 푸들, 진돗개, 시바견, 포메라니안, 코숏, 러시안블루, 먼치킨, 비숑, 웰시코기,
        골든리트리버, 앵무새, 햄스터, 토끼, 고슴도치, 거북이, 페럿, 금붕어
        """)
    private static let places = words(
        """
        강남구, 서초구, 마포구, 용산구, 성수동, 망원동, 연남동, 한강공원, 올림픽공원, 북서울숲, 남산, 여의도,
        잠실, 홍대, 이태원, 판교, 분당, 일산, 수원, 부천, 인천, 대전, 대구, 부산, 광주, 제주, 속초, 전주
        """)
    private static let things = words(
        """
        사료, 간식, 장난감, 목줄, 하네스, 캣타워, 이동장, 배변패드, 모래, 옷, 방석, 급식기, 정수기, 샴푸, 빗,
        울타리, 유모차, 카시트, 영양제, 껌, 스크래쳐, 해먹, 터널, 공, 산책, 미용, 예방접종, 중성화, 훈련
        """)
    private static let particles = words("가, 는, 도, 랑, 한테, 를")
    private static let verbs = words(
        """
        을 정말 좋아해요, 을 나눔합니다, 때문에 고민이에요, 을 새로 샀어요, 을 추천해 주세요, 을 잃어버렸어요,
        이 너무 비싸네요, 을 처음 해 봤어요, 을 매일 합니다, 은 필요 없어졌어요, 을 교환하고 싶어요,
        에 대해 아시는 분 계신가요, 은 거의 새것입니다, 을 무서워해요, 을 같이 할 친구를 찾아요
        """)
    private static let beginnings = words(
        "안녕하세요, 오늘은, 요즘, 어제부터, 혹시, 드디어, 솔직히, 저희 집, 이번 주말에, 작년에, 병원에서 들었는데, 급하게")
    private static let titleEnds = words(
        "팝니다, 나눔, 추천해 주세요, 후기, 질문 있어요, 같이 가요, 찾아요, 자랑, 급구, 교환해요, 모임")
    private static let englishNames = words(
        "Coco, Max, Luna, Bella, Milo, Oscar, Daisy, Rocky, Ruby")
    private static let englishPets = words(
        "puppy, kitten, poodle, corgi, retriever, beagle, parrot, hamster, rabbit, turtle, tabby cat, ferret"
    )
    private static let englishPlaces = words(
        "Gangnam, Hongdae, the river park, Itaewon, Olympic Park, Busan, Jeju, Pangyo, Seongsu, Yeouido"
    )
    private static let englishThings = words(
        """
        dry food, leash, harness, scratching post, carrier, litter box, water fountain, chew toy, blanket,
        grooming kit, vaccination, training class, walking partner, crate, feeder, aquarium, cage
        """)
    private static let englishBeginnings = words(
        "Honestly, This week, Yesterday, Since spring, For the first time, Every morning, Does anybody know why"
    )
    private static let englishVerbs = words(
        "loves, is afraid of, outgrew, ignores, tried, needs, ate half of, sleeps on, learned to use, found"
    )
}
