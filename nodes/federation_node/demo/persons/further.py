# SPDX-License-Identifier: Apache-2.0
"""What stands between a given and a family name, titles, and towns, in the form of `given`."""

MIDDLE: dict[str, dict[str, str]] = {
    "russian": {
        "female": """
            Сергеевна Sergeevna Sergeyevna
            Александровна Aleksandrovna Alexandrovna
            Юрьевна Yurievna Yuryevna
            Николаевна Nikolaevna Nikolayevna
            Михайловна Mikhailovna Mihajlovna
            Дмитриевна Dmitrievna Dmitriyevna
            Фёдоровна Fyodorovna Fedorovna
            Ильинична Ilyinichna Ilinichna""",
        "male": """
            Сергеевич Sergeevich Sergeyevich
            Александрович Aleksandrovich Alexandrovich
            Юрьевич Yurievich Yuryevich
            Николаевич Nikolaevich Nikolayevich
            Михайлович Mikhailovich Mihajlovich
            Дмитриевич Dmitrievich Dmitriyevich
            Фёдорович Fyodorovich Fedorovich
            Ильич Ilyich Ilich""",
    },
    "vietnamese": {
        "female": """
            Thị Thi
            Ngọc Ngoc
            Thu Thu
            Minh Minh""",
        "male": """
            Văn Van
            Hữu Huu
            Đình Dinh
            Minh Minh""",
    },
    "nepali": {
        "female": """
            कुमारी Kumari Kumary
            माया Maya""",
        "male": """
            कुमार Kumar Koomar
            बहादुर Bahadur""",
    },
}
"""Patronymics and middle names."""

TITLES: dict[str, dict[str, str]] = {
    "english": {"female": "Ms Mrs Miss", "male": "Mr"},
    "spanish": {"female": "Sra. Doña Srta.", "male": "Sr. Don"},
    "romanian": {"female": "Dna", "male": "Dl"},
    "russian": {"female": "Госпожа", "male": "Господин"},
    "arabic": {"female": "Madame Sitt", "male": "Sheikh Hajj"},
    "burmese": {"female": "Daw Ma", "male": "U Ko"},
    "vietnamese": {"female": "Chị Bà", "male": "Anh Ông"},
    "chinese": {"female": "Ms", "male": "Mr"},
    "nepali": {"female": "Shrimati", "male": "Shri"},
}
"""What people put before a name."""

TOWNS: dict[str, str] = {
    "english": """
        Tampa
        Gibsonton
        Louisville
        Leeds
        St-Petersburg Saint-Petersburg
        Albuquerque Albequerque""",
    "spanish": """
        Tlapacoyan
        Ciudad-Juárez Ciudad-Juarez Juarez
        Tegucigalpa
        Xalapa Jalapa
        Querétaro Queretaro
        San-Pedro-Sula""",
    "romanian": """
        București Bucharest Bukarest
        Iași Iasi Jassy
        Țăndărei Tandarei
        Chișinău Chisinau Kishinev
        Timișoara Timisoara
        Galați Galati""",
    "russian": """
        Киев Kyiv Kiev
        Харьков Kharkiv Kharkov
        Екатеринбург Yekaterinburg Ekaterinburg
        Новосибирск Novosibirsk
        Ужгород Uzhhorod Uzhgorod
        Челябинск Chelyabinsk""",
    "arabic": """
        حلب Aleppo Halab Alep
        الدار-البيضاء Casablanca
        صنعاء Sanaa Sana'a
        بنغازي Benghazi
        القاهرة Cairo Kairo
        طنجة Tangier Tanger""",
    "burmese": """
        ရန်ကုန် Yangon Rangoon
        မြဝတီ Myawaddy Myawadi
        မန္တလေး Mandalay
        မော်လမြိုင် Mawlamyine Moulmein
        လားရှိုး Lashio
        ပဲခူး Bago Pegu""",
    "vietnamese": """
        Hà-Nội Hanoi
        Hải-Phòng Haiphong
        Nghệ-An Nghe-An
        Huế Hue
        Cần-Thơ Can-Tho
        Đồng-Nai Dong-Nai""",
    "chinese": """
        福州 Fuzhou Foochow
        昆明 Kunming
        广州 Guangzhou Canton
        温州 Wenzhou
        沈阳 Shenyang
        重庆 Chongqing Chungking""",
    "nepali": """
        काठमाडौं Kathmandu Katmandu
        पोखरा Pokhara
        विराटनगर Biratnagar
        नेपालगञ्ज Nepalgunj Nepalganj
        धरान Dharan
        हेटौडा Hetauda""",
}
"""Where people say they come from."""

NATIONALITY: dict[str, str] = {
    "english": "US", "spanish": "MX", "romanian": "RO", "russian": "UA", "arabic": "MA",
    "burmese": "MM", "vietnamese": "VN", "chinese": "CN", "nepali": "NP",
}  # fmt: skip
"""ISO 3166 code of a usual nationality."""
