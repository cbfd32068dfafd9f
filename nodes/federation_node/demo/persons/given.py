# SPDX-License-Identifier: Apache-2.0
"""Given names that are common somewhere, and how people in other places write them down.

Written from general knowledge of how each name is met in papers, papers' translations and
conversation; no list was copied. A line is a name: first as it is written at home, then the
Latin spellings met abroad, then, after a bar, what friends say.
"""

FEMALE: dict[str, str] = {
    "english": """
        Elizabeth Elisabeth Elizabet|Liz Beth Betty Lizzie
        Katherine Catherine Kathryn Katharine|Kate Kathy Katie
        Margaret Margarette Margret|Maggie Peggy Meg
        Jennifer Jenifer Jeniffer|Jenny Jen
        Deborah Debra Debora|Debbie Deb
        Susan Suzan Susanne|Sue Susie
        Rebecca Rebekah Rebeca|Becky Becca
        Christine Kristine Christeen|Chris Tina
        Victoria Viktoria Victorya|Vicky Tori
        Patricia Patrisia Patrica|Pat Patty Trish
        Abigail Abbigail Abigale|Abby Gail
        Samantha Samanta Samanthia|Sam Sammy
        Alexandra Aleksandra Alexandria|Alex Sandra
        Theresa Teresa Tereza|Terry Tess
        Jacqueline Jaqueline Jackelyn|Jackie
        Tiffany Tiffani Tifany|Tiff
        Brittany Britney Britany|Britt
        Danielle Daniele Danyelle|Dani
        Shannon Shanon Shanen|Shan
        Heather Hether Heathar|""",
    "spanish": """
        María Maria|Mari Mary
        Guadalupe Guadelupe Guadalope|Lupe Lupita
        Josefina Josephina Yosefina|Pepa Fina
        Dolores Delores|Lola Lolita
        Rosario Rosareo|Charo Chayo
        Concepción Consepcion Concepcion|Concha Conchita
        Francisca Fransisca Franciska|Paca Paquita
        Yolanda Iolanda Jolanda|Yoli
        Ximena Jimena Himena Chimena|
        Graciela Grasiela Graciella|Chela
        Consuelo Conswelo Konsuelo|Chelo
        Esperanza Esperansa|Espe
        Beatriz Beatris Veatriz|Bety
        Verónica Veronica Beronica|Vero
        Jazmín Jasmin Yasmin Yazmin|
        Isabel Izabel Ysabel Isabell|Chabela
        Mercedes Mersedes|Meche
        Alejandra Alexandra Alehandra|Ale
        Xóchitl Xochitl Sochil Shochitl|Xochi
        Reyna Reina Reyana|""",
    "romanian": """
        Ștefania Stefania Shtefania|Ștefi
        Mihaela Michaela Mihaella|Miha
        Gheorghița Gheorghita Georghita|Ghița
        Ioana Joana Yoana|Oana
        Cătălina Catalina Katalina|Cata
        Crăciunela Craciunela Cratchiunela|
        Elena Helena Ellena|Lenuța
        Țuca Tsuca Tuca|
        Alexandra Aleksandra Alecsandra|Sanda
        Ruxandra Roxandra Ruksandra|Ruxi
        Nicoleta Nikoleta Nicolette|Nico
        Florentina Florantina Flaurentina|Flori
        Georgeta Giorgeta Jeorjeta|Geta
        Iuliana Juliana Yuliana|Iulia
        Viorica Viorika Vyorica|
        Mădălina Madalina Madallina|Mada
        Bianca Bianka Byanca|
        Denisa Deniza Denissa|Deni""",
    "russian": """
        Юлия Yulia Julia Iuliia Yuliya|Юля
        Екатерина Ekaterina Yekaterina Jekaterina Katerina|Катя
        Анастасия Anastasia Anastasiya Anastasiia|Настя
        Ксения Ksenia Xenia Kseniya Xeniya|Ксюша
        Наталья Natalia Natalya Nataliya Natalja|Наташа
        Елизавета Elizaveta Yelizaveta Jelisaweta|Лиза
        Светлана Svetlana Swetlana Svitlana|Света
        Татьяна Tatiana Tatyana Tatjana|Таня
        Людмила Ludmila Lyudmila Liudmila Ljudmila|Люда
        Ольга Olga Olha Oliga|Оля
        Евгения Evgenia Yevgeniya Eugenia Jewgenija|Женя
        Любовь Lyubov Liubov Lubov Ljubow|Люба
        Ирина Irina Iryna Irena|Ира
        Жанна Zhanna Janna Jeanna Shanna|
        Алёна Alyona Aliona Alena Aljona|
        Виктория Viktoria Victoria Viktoriya|Вика
        Надежда Nadezhda Nadejda Nadeschda|Надя
        Оксана Oksana Oxana|""",
    "arabic": """
        فاطمة Fatima Fatema Fatma Fatimah|
        خديجة Khadija Khadijah Hadija Jadiya|
        عائشة Aisha Ayesha Aicha Aysha|
        زينب Zainab Zaynab Zeinab Zineb|
        مريم Maryam Mariam Meriem Miriam|
        نورة Noura Nora Nura Norah|
        ياسمين Yasmin Yasmine Jasmin Yasmeen|
        سميرة Samira Sameera Samirah|
        لطيفة Latifa Lateefa Latifah|
        حياة Hayat Hayet Haiat|
        رشيدة Rashida Rachida Rasheeda|
        جميلة Jamila Djamila Gamila Jameela|
        شيماء Shaima Chaima Shaimaa Shayma|
        سعاد Souad Suad Soad|
        هدى Huda Houda Hoda|
        أمينة Amina Ameena Aminah|
        سلمى Salma Selma|
        نادية Nadia Nadiya Nadja|""",
    "burmese": """
        သီတာ Thida Thidar Theeta|
        ခင်မျိုး Khin-Myo Khinmyo Kinmyo|
        စန္ဒာ Sandar Sanda Santa|
        မာလာ Mala Marlar Malar|
        ဝင်းဝင်း Win-Win Winwin|
        နီလာ Nilar Nila Neela|
        အေးအေး Aye-Aye Ayeaye Ei-Ei|
        ခင်စန်း Khin-San Khinsan Kin-Sann|
        မြမြ Mya-Mya Myamya Mia-Mia|
        တင်တင် Tin-Tin Tintin|
        စုစု Su-Su Susu|
        ဖြူဖြူ Phyu-Phyu Phyuphyu Pyu-Pyu|
        လှလှ Hla-Hla Hlahla La-La|
        သန္တာ Thandar Thanda Tandar|
        နွယ်နွယ် Nwe-Nwe Nwenwe Nway-Nway|
        ဆုမြတ် Su-Myat Sumyat Hsu-Myat|""",
    "vietnamese": """
        Hồng Hong|
        Thảo Thao|
        Phượng Phuong Fuong|
        Nguyệt Nguyet Nuyet|
        Hương Huong Huang|
        Lan Lann|
        Trang Chang|
        Quỳnh Quynh Quinh|
        Thúy Thuy Thui|
        Ngọc Ngoc Nhoc|
        Yến Yen Ien|
        Hạnh Hanh Han|
        Giang Zang Yang|
        Loan Loann|
        Xuân Xuan Suan|
        Diễm Diem Ziem|""",
    "chinese": """
        美玲 Meiling Mei-Ling Mayling|
        小红 Xiaohong Xiao-Hong Siaohung|
        丽娟 Lijuan Li-Juan Lichuan|
        秀英 Xiuying Xiu-Ying Hsiuying|
        玉兰 Yulan Yu-Lan Yuelan|
        晓燕 Xiaoyan Xiao-Yan Hsiaoyen|
        春梅 Chunmei Chun-Mei Chunmay|
        雪 Xue Hsueh Shue|
        静 Jing Ching Chin|
        芳 Fang Phang|
        桂芝 Guizhi Gui-Zhi Kueichih|
        海燕 Haiyan Hai-Yan Haiyen|
        淑珍 Shuzhen Shu-Zhen Shuchen|
        婷婷 Tingting Ting-Ting|
        凤 Feng Fung|
        慧敏 Huimin Hui-Min Hweimin|""",
    "nepali": """
        सीता Sita Seeta Sitha|
        लक्ष्मी Laxmi Lakshmi Lakshmee|
        सुनिता Sunita Suneeta Sunitha|
        पूर्णिमा Purnima Poornima Purneema|
        कृष्णा Krishna Krisna Kreeshna|
        अनिता Anita Aneeta|
        शान्ति Shanti Santi Shaanti|
        बिमला Bimala Vimala Bimla|
        मैया Maiya Maya Mayia|
        गीता Gita Geeta Geetha|
        सरस्वती Saraswati Sarasvati Sarswoti|
        रमिला Ramila Rameela|
        देवी Devi Debi|
        कल्पना Kalpana Kalpna|
        पार्वती Parvati Parbati Parwati|
        सञ्जना Sanjana Sanjna|""",
}

MALE: dict[str, str] = {
    "english": """
        William Willam Wiliam|Bill Will Billy
        Robert Robbert Robart|Bob Rob Bobby
        Christopher Kristopher Cristopher|Chris Kit
        Michael Micheal Mikael|Mike Mick
        Richard Ricard Ritchard|Rick Dick Richie
        Geoffrey Jeffrey Jeffery|Jeff Geoff
        Stephen Steven Stephan|Steve
        Nicholas Nicolas Nickolas|Nick
        Anthony Antony Anthoney|Tony
        Phillip Philip Filip|Phil
        Matthew Mathew Mathieu|Matt
        Lawrence Laurence Lawrance|Larry
        Gregory Greggory Gregorey|Greg
        Theodore Teodor Theodor|Ted Theo
        Frederick Fredrick Frederic|Fred
        Alexander Aleksander Alexandar|Alex Sandy
        Jonathan Johnathan Jonathon|Jon
        Douglas Duglas Douglass|Doug
        Zachary Zackery Zacharie|Zach
        Bryan Brian Brien|""",
    "spanish": """
        José Jose Hose Josue|Pepe
        Jesús Jesus Hesus|Chucho
        Francisco Fransisco Francisko|Paco Pancho
        Ignacio Ignasio Ygnacio|Nacho
        Alejandro Alexandro Alehandro|Ale Jano
        Guillermo Gillermo Guilermo|Memo
        Eduardo Edwardo Eduhardo|Lalo
        Javier Xavier Havier|Javi
        Gerardo Jerardo Herardo|Gera
        Joaquín Joaquin Hoakin Juaquin|Quino
        Jorge Horge George|
        Sergio Serjio Serhio|Checo
        Ezequiel Esequiel Ezekiel|Cheque
        Vicente Bicente Visente|Chente
        Roberto Rroberto Rovirto|Beto
        Luis Luiz Louis|Lucho
        Enrique Henrique Enrrique|Quique
        Miguel Migel Mighel|
        Héctor Hector Ector|
        Rogelio Rojelio Rohelio|Roge""",
    "romanian": """
        Ștefan Stefan Shtefan|Fane
        Gheorghe George Ghiorghe|Gigi
        Ionuț Ionut Jonutz Yonuts|Ion
        Cătălin Catalin Katalin|Cata
        Vasile Vasille Wasile|
        Răzvan Razvan Rasvan|
        Constantin Konstantin Costantin|Costel
        Mihai Mihay Michai|Mișu
        Nicolae Nikolae Nicolaie|Nicu
        Florin Florrin Flaurin|
        Țuțu Tsutsu Tutu|
        Alexandru Aleksandru Alecsandru|Sandu
        Bogdan Bogdahn Bagdan|
        Dumitru Dimitru Dumitrou|Mitică
        Cristian Christian Kristian|Cristi
        Iulian Julian Yulian|
        Sorin Soreen Zorin|
        Viorel Viorell Wiorel|""",
    "russian": """
        Александр Aleksandr Alexander Oleksandr Alexandr|Саша
        Дмитрий Dmitry Dmitri Dmitriy Dmitrij|Дима
        Сергей Sergey Sergei Serguei Sergej|Серёжа
        Юрий Yuri Yury Iurii Jurij|Юра
        Евгений Evgeny Yevgeny Evgenii Jewgenij|Женя
        Михаил Mikhail Michail Mihail Mijail|Миша
        Алексей Aleksey Alexei Alexey Aleksei|Лёша
        Владимир Vladimir Wladimir Volodymyr|Вова
        Николай Nikolay Nikolai Nicolai|Коля
        Андрей Andrey Andrei Andrej|
        Григорий Grigory Grigoriy Grigorij|Гриша
        Вячеслав Vyacheslav Viacheslav Wjatscheslaw|Слава
        Илья Ilya Ilia Ilja|
        Фёдор Fyodor Fedor Feodor Fjodor|
        Жорж Zhorzh Jorj Georges|
        Павел Pavel Pawel Pavell|Паша
        Артём Artyom Artem Artiom|
        Эдуард Eduard Edward Edouard|Эдик""",
    "arabic": """
        محمد Mohammed Muhammad Mohamed Mohammad|
        أحمد Ahmed Ahmad Ahmet|
        يوسف Youssef Yusuf Yousef Yussuf|
        حسين Hussein Husain Hossein Hussain|
        عمر Omar Umar Oumar|
        خالد Khaled Khalid Haled|
        مصطفى Mustafa Mostafa Moustapha|
        إبراهيم Ibrahim Ebrahim Brahim|
        سعيد Said Saeed Sayeed|
        رشيد Rashid Rachid Rasheed|
        طارق Tarek Tariq Tareq|
        جمال Jamal Gamal Djamal|
        كريم Karim Kareem Carim|
        حمزة Hamza Hamzah Hamsa|
        ياسر Yasser Yasir Jaser|
        وليد Walid Waleed Oualid|
        بشير Bashir Bachir Basheer|
        قاسم Qasim Kassem Qassem Gasim|""",
    "burmese": """
        အောင်ကျော် Aung-Kyaw Aungkyaw Ong-Kyaw|
        ဇော်ဝင်း Zaw-Win Zawwin Zo-Win|
        မင်းထွန်း Min-Htun Minhtun Min-Tun|
        ကိုကို Ko-Ko Koko|
        သန်းထွန်း Than-Tun Thantun Than-Htun|
        ဝင်းမြင့် Win-Myint Winmyint Wynn-Myint|
        နေလင်း Nay-Lin Naylin Ne-Lin|
        သိန်းဇော် Thein-Zaw Theinzaw Thein-Zo|
        ကျော်စွာ Kyaw-Swar Kyawswa Kyaw-Swa|
        ထွန်းထွန်း Tun-Tun Htun-Htun Tuntun|
        လှမောင် Hla-Maung Hlamaung La-Moung|
        မျိုးမင်း Myo-Min Myomin|
        စိုးနိုင် Soe-Naing Soenaing So-Naing|
        ဖြိုးဝေ Phyo-Wai Phyowai Pyo-Way|
        ရဲထွဋ် Ye-Htut Yehtut Yay-Tut|
        မောင်မောင် Maung-Maung Moung-Moung Maungmaung|""",
    "vietnamese": """
        Hùng Hung|
        Tuấn Tuan Twan|
        Dũng Dung Zung|
        Phúc Phuc Fuc|
        Khánh Khanh Kanh|
        Đức Duc Duk|
        Quang Kwang Quan|
        Thắng Thang Tang|
        Trung Chung Trunk|
        Hiếu Hieu Hyeu|
        Sơn Son Sonn|
        Vinh Ving Vin|
        Bảo Bao|
        Cường Cuong Kuong|
        Nghĩa Nghia Nia|
        Tài Tai Tay|""",
    "chinese": """
        伟 Wei Way|
        强 Qiang Chiang Chang|
        建国 Jianguo Jian-Guo Chienkuo|
        志强 Zhiqiang Zhi-Qiang Chihchiang|
        小明 Xiaoming Xiao-Ming Hsiaoming|
        国华 Guohua Guo-Hua Kuohua|
        军 Jun Chun|
        文杰 Wenjie Wen-Jie Wenchieh|
        勇 Yong Yung|
        俊 Juntao Jun Chun|
        海涛 Haitao Hai-Tao|
        光荣 Guangrong Guang-Rong Kuangjung|
        晓东 Xiaodong Xiao-Dong Hsiaotung|
        福生 Fusheng Fu-Sheng|
        金龙 Jinlong Jin-Long Chinlung|
        天成 Tiancheng Tian-Cheng Tiencheng|""",
    "nepali": """
        राम Ram Raam Rama|
        कृष्ण Krishna Krisna Kishna|
        सञ्जय Sanjay Sanjaya Sanjai|
        विनोद Binod Vinod Binood|
        सुरेश Suresh Soresh Sures|
        दिपक Dipak Deepak Deepack|
        रमेश Ramesh Rames|
        गणेश Ganesh Ganes|
        प्रकाश Prakash Parkash Prakas|
        राजेन्द्र Rajendra Razendra Rajender|
        शंकर Shankar Sankar Shanker|
        मोहन Mohan Mohun|
        सन्तोष Santosh Santos Sontosh|
        बिष्णु Bishnu Vishnu Bisnu|
        अर्जुन Arjun Arjoon|
        हरि Hari Harry|""",
}
