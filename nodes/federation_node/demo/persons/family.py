# SPDX-License-Identifier: Apache-2.0
"""Family names in the same form as `given`: at home, abroad."""

FAMILY: dict[str, str] = {
    "english": """
        Johnson Johnston Jonson
        Thompson Thomson Tompson
        Clarke Clark Clerk
        Philips Phillips Filips
        Reynolds Renolds Reynalds
        MacDonald McDonald Macdonald
        O'Connor Oconnor O'Conner
        Shepherd Sheppard Shepard
        Whitaker Whittaker Witaker
        Stuart Stewart Steward
        Fitzgerald Fitzgerrald Fitz-Gerald
        Bradley Bradly Bradlee
        Hughes Hughs Hewes
        Gallagher Gallager Galagher
        Wright Write Right
        Nicholson Nickolson Nicolson
        Pearson Pierson Peerson
        Hawkins Hawkings Haukins
        Schaeffer Shaffer Schafer
        Abernathy Abernethy Abernathie
        Delacroix Delacroy De-la-Croix
        Osborne Osbourne Osborn
        Knight Night Nite
        Vaughan Vaughn Vaun""",
    "spanish": """
        González Gonzalez Gonsales Gonzales
        Rodríguez Rodriguez Rodrigues
        Hernández Hernandez Ernandez Fernandez
        Jiménez Jimenez Ximenez Himenes
        Vázquez Vasquez Vazques Basquez
        Velázquez Velasquez Belazquez
        Núñez Nunez Nunes
        Ibáñez Ibanez Ybanez
        Chávez Chavez Chaves
        Guzmán Guzman Gusman
        Quiñones Quinones Kinones
        Zúñiga Zuniga Suniga
        Villaseñor Villasenor Viyasenor
        Gutiérrez Gutierrez Gutieres
        Castañeda Castaneda Castanieda
        Echeverría Echeverria Etcheverria
        Valdés Valdes Baldez
        Cervantes Servantes Serbantes
        Yáñez Yanez Llanez
        Huerta Werta Uerta
        Bermúdez Bermudez Vermudez
        Cisneros Sisneros Zisneros
        Xicoténcatl Xicotencatl Jicotencal
        de-la-Cruz Delacruz De-La-Crus""",
    "romanian": """
        Popescu Popesku Popesco
        Ionescu Jonescu Yonescu
        Dumitrescu Dimitrescu Dumitresco
        Țurcanu Turcanu Tsurcanu
        Șerban Serban Sherban
        Munteanu Muntianu Munteanou
        Ciobanu Chobanu Ciobanou
        Gheorghiu Georgiu Gheorgiu
        Stănescu Stanescu Stanesku
        Văcărescu Vacarescu Vakarescu
        Rădulescu Radulescu Radulesku
        Bălan Balan Ballan
        Vlădescu Vladescu Wladescu
        Lăcătuș Lacatus Lakatush
        Constantinescu Constantinesco Konstantinescu
        Mărginean Marginean Marjinean
        Ungureanu Ungurianu Hungureanu
        Cojocaru Kozhokaru Cojokaru
        Petrișor Petrisor Petrishor
        Moldoveanu Moldovianu Moldoveano""",
    "russian": """
        Щербаков Shcherbakov Scherbakov Schtscherbakow
        Кузнецов Kuznetsov Kuznecov Kusnezow
        Чайковский Chaikovsky Tchaikovsky Tschaikowski
        Жуков Zhukov Jukov Schukow
        Хрущёв Khrushchev Hruschov Chruschtschow
        Соловьёв Solovyov Soloviev Solovjov
        Ефимов Efimov Yefimov Jefimow
        Цветков Tsvetkov Cvetkov Zwetkow
        Юсупов Yusupov Iusupov Jussupow
        Васильев Vasiliev Vasilyev Wassiljew
        Григорьев Grigoriev Grigoryev Grigorjew
        Шевченко Shevchenko Chevtchenko Schewtschenko
        Яковлев Yakovlev Iakovlev Jakowlew
        Быков Bykov Bikov Bykow
        Гаврилов Gavrilov Gawrilow Havrylov
        Зайцев Zaitsev Zaytsev Saizew
        Орехов Orekhov Orehov Orechow
        Михайлов Mikhailov Mihailov Michajlow
        Ёлкин Yolkin Elkin Jolkin
        Виноградов Vinogradov Winogradow Vinohradov""",
    "arabic": """
        الهاشمي Al-Hashimi Alhashmi El-Hachemi Hashemi
        بن-علي Ben-Ali Benali Bin-Ali
        عبدالرحمن Abdelrahman Abdul-Rahman Abdurrahman Abderrahmane
        الحسن Al-Hassan Elhasan Hassan
        المصري Al-Masri Elmasry Masri
        الشريف Al-Sharif Cherif Elsherif
        عبدالله Abdullah Abdallah Abdulla
        الخطيب Al-Khatib Elkhateeb Khatib
        النجار Al-Najjar Naggar Ennajar
        سليمان Suleiman Sulaiman Soliman Slimane
        الحداد Al-Haddad Haddad El-Hadad
        منصور Mansour Mansur Mansoor
        درويش Darwish Derouiche Darweesh
        القاضي Al-Qadi El-Kadi Elkady
        صالح Saleh Salih Salah
        الزهراني Al-Zahrani Azzahrani Zahrany
        بوزيد Bouzid Buzaid Abou-Zeid
        حمدان Hamdan Hamdane Hemdan
        غانم Ghanem Ganem Ghanim
        الطيب Al-Tayeb Ettayeb Taieb""",
    "burmese": """
        မောင် Maung Moung
        ဦး Oo U
        သန့် Thant Tant Thann
        ထွန်း Tun Htun Tunn
        ဝင်း Win Wynn Winn
        လွင် Lwin Lwyn Luin
        မြင့် Myint Myin Mying
        အောင် Aung Ong Oung
        ကျော် Kyaw Kyo Chaw
        နိုင် Naing Nai Nine
        ဇော် Zaw Zo Saw
        စိုး Soe So Soo
        လှိုင် Hlaing Laing Hline
        သိန်း Thein Thain Tein
        ခိုင် Khaing Khine Kaing
        ထက် Htet Htat Tet""",
    "vietnamese": """
        Nguyễn Nguyen Nguyan Ngyuen
        Trần Tran Chan
        Phạm Pham Fam
        Huỳnh Huynh Hoang Huinh
        Đặng Dang Dangh
        Bùi Bui Buy
        Đỗ Do Doh
        Võ Vo Vu Voe
        Lý Ly Li
        Dương Duong Zuong
        Lê Le Lee
        Phan Fan Pahn
        Trịnh Trinh Chinh
        Đinh Dinh Din
        Lương Luong Luang
        Châu Chau Chow""",
    "chinese": """
        王 Wang Wong Vang
        李 Li Lee Ly
        张 Zhang Chang Jang
        刘 Liu Lau Lew
        陈 Chen Chan Tan
        杨 Yang Yeung Young
        赵 Zhao Chao Jao
        黄 Huang Wong Hwang
        周 Zhou Chow Chou
        吴 Wu Ng Woo
        徐 Xu Hsu Tsui
        孙 Sun Suen Soon
        郑 Zheng Cheng Jeng
        谢 Xie Hsieh Tse
        曾 Zeng Tseng Tsang
        欧阳 Ouyang Au-Yeung Owyang
        许 Xu Hui Hsu
        蔡 Cai Tsai Choi
        邱 Qiu Chiu Yau
        郭 Guo Kuo Kwok""",
    "nepali": """
        श्रेष्ठ Shrestha Srestha Shresta
        तामाङ Tamang Tamangg Taamang
        गुरुङ Gurung Gurong Goorung
        थापा Thapa Tapa Thaapa
        बहादुर Bahadur Bahadoor Bahdur
        शर्मा Sharma Sarma Sharmaa
        अधिकारी Adhikari Adikari Adhikary
        भट्टराई Bhattarai Bhatarai Battarai
        लामा Lama Laama
        राई Rai Raee
        मगर Magar Mager Maghar
        पौडेल Poudel Paudel Paudyal
        खड्का Khadka Khadga Kharka
        घिमिरे Ghimire Gimire Ghimirey
        कोइराला Koirala Koyrala
        चौधरी Chaudhary Chowdhury Choudhari
        विश्वकर्मा Bishwakarma Vishwakarma Biswokarma
        नेपाली Nepali Nepalee""",
}
