# SPDX-License-Identifier: Apache-2.0
"""What people are called by friends, and the name in their papers.

Facts of usage, written down for this project from common knowledge of each language; no list
was copied. One short name can stand for several names (Alex, Sandra): then it meets each. A
change is a new version of the person keys.
"""

from typing import Final

_TABLE: Final = """
abigail: abby abbie gail
alexander alexandr alexandru: alex alec sandy sacha sasha sascha shura sandu xander lex
alexandra: alex sandra sandy sasha sanda lexi ale
alejandro alejandra: ale alex jano sandra
alfonso alfonsa: poncho
alice: ali
andrew andrei andrej: andy drew andrius
andrea: andy
anna anne ana hannah: annie nan anya ania anka anita anca nancy
anthony antonio anton: tony toni antosha tonio
antonia: toni tonia
anastasia: nastya nastia nastja asya stacy ana
alexei aleksei: alyosha aliosha lyosha liosha lesha
barbara: barb babs bobbie
beatriz beatrice: bety bea trixie
benjamin: ben benny
catherine katherine katharine ekaterina yekaterina katerina catalina katarzyna: kate kathy katie
  cathy kitty kat katya katia katja cata kasia kasha
charles: charlie chuck chaz carlos
christina christine cristina: chris tina chrissy cristi
christopher cristian christian: chris kit cristi topher
concepcion: concha conchita
consuelo: chelo
daniel: dan danny dani
danielle daniela: dani
david: dave davey
deborah debra: deb debbie
dimitri dmitri dmitry dumitru: dima mitya mitica dimitar
dolores: lola lolita
dorothy: dot dottie dolly
eduard edward eduardo: ed eddie ted teddy ned lalo edik edi
elena helena helen: lena lenuta nelly ellie leni lenka
elizabeth elisabeth elizaveta isabel: liz lizzie beth betty bess eliza lisa liza libby chabela
  isa bella elsa
emanuel manuel: manny manolo manu meme
enrique henry heinrich: quique kike hank harry
esperanza: espe
eugene evgeni yevgeny eugenia evgenia yevgenia: gene zhenya zhenia jenya genia
fedor fyodor theodore: fedya ted theo
felipe philip phillip: phil pip pepe
francisco francis frank: paco pancho frank kiko curro fran
francisca: paca paquita fran
frederick: fred freddie
gabriel gabriela: gabe gabi gaby
george gheorghe jorge georgi: gigi ghita gicu coque gosha zhora
gerardo: gera
geoffrey jeffrey: jeff geoff
grigori gregory: greg grisha
graciela: chela
guadalupe: lupe lupita
guillermo william: bill will billy willy liam memo guille
ignacio: nacho
ioana joana: oana
ioan ion john ivan juan: jack johnny vanya vania ionut ionel nelu juanito
irina: ira irka
jaqueline jacqueline: jackie
james jaime jacob: jim jimmy jamie jake
jennifer: jen jenny
jesus: chucho chuy
jessica: jess jessie
joaquin: quino
jonathan: jon
joseph jose josef: joe joey pepe chepe jo
josefa josefina: pepa fina josie
judith: judy
julia yulia iulia: yulya julie julka
kimberly: kim
ksenia xenia: ksyusha ksiusha
lawrence: larry
leonard leonid: len leo lenny lyonya
louis luis: lou louie lucho
lyubov liubov: lyuba liuba
lyudmila ludmila: lyuda luda mila lucia
margaret margarita: maggie meg peggy marge greta rita margo
maria mary: mari maruja maricica masha marusya mia molly polly marica
mercedes: meche merche
matthew mateo: matt mat
michael mihail mikhail miguel mihai: mike mick mickey misha mitch misu
mihaela michaela: miha mica
nadezhda: nadya nadia nadja
natalia natalie: natasha nata nat natalka
nicholas nicolae nikolai nicolas: nick nicky nicu kolya kolia nicolai claus
nicoleta nicole: nico nicky
olga: olya olia
oksana: ksana
pamela: pam
patricia: pat patty trish tricia
patrick patricio: pat paddy
pavel paul pablo: pasha pavlik pauly
peter pedro piotr petru: pete petya petrica
rafael: rafa rafi
raymond ramon: ray moncho
rebecca: becky becca
richard ricardo: rick rich dick ricky richie
robert roberto: bob bobby rob robbie beto
rogelio: roge
roman: roma
ronald: ron ronnie
rosario: charo chayo
ruxandra roxana: ruxi roxi
samantha: sam sammy
samuel: sam sammy
sergio sergei sergey: checo seryozha serioja serge
stephen steven stefan: steve stevie fane
stefania stephanie: steph stefi
susan susana: sue susie suzy
svetlana: sveta lana
tatiana: tanya tania tanja
teresa theresa: terry tess tere resi
thomas tomas: tom tommy
timothy timofei: tim tima
vicente: chente
victor viktor: vic vitya
victoria viktoria: vicky tori vika
vladimir volodymyr: vova volodya vlad vladik
vyacheslav viacheslav: slava
yaroslav: slava yarik
yolanda: yoli
yuri iuri: yura iura
zachary: zach zack
"""


def _read(table: str) -> dict[str, tuple[str, ...]]:
    """Turn lines into a mapping from a short name to the first name of each line it is in."""
    formal: dict[str, list[str]] = {}
    for line in table.replace("\n  ", " ").strip().splitlines():
        names, _, shorts = line.partition(":")
        first, *others = names.split()
        for name in (*others, *shorts.split()):
            formal.setdefault(name, []).append(first)
    return {name: tuple(found) for name, found in formal.items()}


_FORMAL: Final = _read(_TABLE)


def formal_names(word: str) -> tuple[str, ...]:
    """Return the names that a word may be short for, or another spelling of.

    Args:
        word: A folded word.

    Returns:
        One name for each line of the table in which the word stands behind another; none if
        it is in no line, or is itself the first of one.
    """
    return _FORMAL.get(word, ())
