"""Names of invented people for `bench.people`: the common ones of ten countries, most frequent first.

`tail` has the parts that rare family names are put together from, since in a real book every third person
has a name that hardly anybody else has.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Land:
    """A country's names. `numbers` are patterns of a work and a mobile number, `#` stands for a digit.

    Foreign ones are written as they are from abroad, seen from the first country, where the book is kept.
    """

    share: int
    given: tuple[str, ...]
    family: tuple[str, ...]
    tail: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
    company: tuple[str, ...]
    numbers: tuple[tuple[str, ...], tuple[str, ...]]


def _land(
    share: int,
    people: tuple[str, str],
    tail: tuple[str, str, str],
    company: str,
    numbers: tuple[tuple[str, ...], tuple[str, ...]],
) -> Land:
    given, family = people
    first, middle, last = (tuple(part.split()) for part in tail)
    return Land(
        share,
        tuple(given.split()),
        tuple(family.split()),
        (first, ("", *middle), last),
        tuple(company.split("|")),
        numbers,
    )


LANDS = (
    _land(
        30,
        (
            "Maria Giuseppe Marco Anna Francesco Antonio Andrea Giovanni Giulia Luigi Laura Paolo Sara "
            "Roberto Chiara Luca Francesca Mario Stefano Elena Alessandro Matteo Valentina Davide Martina "
            "Simone Federica Michele Paola Daniele Silvia Salvatore Alessia Fabio Elisa Massimo Niccolò "
            "Margherita Desirée Manuela",
            "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti "
            "De_Luca Mancini Costa Giordano Rizzo Lombardi Moretti Barbieri Fontana Santoro Mariani Rinaldi "
            "Caruso Ferrara Galli Martini Leone Longo Gentile Martinelli Vitale Lombardo Serra Coppola "
            "De_Santis D'Angelo Marchetti Parisi Villa Conte Ferraro Ferri Fabbri Bianco Marini Grasso "
            "Valentini Messina Sala De_Angelis Gatti Pellegrini Palumbo Sanna Farina Rizzi Monti Cattaneo "
            "Morelli Amato Silvestri Mazza Testa Grassi Pellegrino Carbone Giuliani Benedetti Barone "
            "Rossetti Caputo Montanari Guerra Palmieri Bernardi Martino Fiore De_Rosa Ferretti Bellini "
            "Basile Riva Donati Piras Vitali Battaglia Sartori Neri Costantini Milani Pagano Ruggiero",
        ),
        (
            "Bar Bel Ber Bon Bor Cal Cam Can Car Cas Cer Col Cor Dal Dam Del Fab Fal Far Fer Fon Gal Gar "
            "Ger Gol Gra Lan Lom Lon Mag Mal Man Mar Maz Men Mer Mon Mor Nar Pal Pan Par Pas Pel Per Pet "
            "Pin Pol Por Ran Ric Rol Sal San Sar Sca Sci Sil Sor Spa Ste Tam Tas Tor Tra Val Var Ver Vi Vol "
            "Zam Zan",
            "a e i o al an ar el en er ol on or igl at ett in av ill og ad",
            "ini etti oni ella ato ero ese ani elli ucci anti asso otto ardi ari osi aldi ezza ola isi ino "
            "etta",
        ),
        "Srl|S.p.A.|& Figli|Impianti|Costruzioni Srl|Servizi",
        (
            (
                "02 #### ####",
                "+39 0#########",
                "06/#######",
                "0039011#######",
            ),
            (
                "34########",
                "333.#######",
                "+39 34# #######",
            ),
        ),
    ),
    _land(
        22,
        (
            "Maria Thomas Michael Anna Peter Andreas Stefan Ursula Christian Sabine Monika Wolfgang Klaus "
            "Petra Jürgen Martin Julia Daniel Katharina Markus Susanne Alexander Uwe Karin Frank Claudia "
            "Matthias Jörg Sebastian Lukas Günter Björn Käthe Sophie Leon Emma Hannah Maximilian",
            "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer "
            "Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange "
            "Schmitt Werner Schmitz Krause Meier Lehmann Schmid Schulze Maier Köhler Herrmann König Walter "
            "Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Schubert Vogel Friedrich "
            "Keller Günther Frank Berger Winkler Roth Beck Lorenz Baumann Franke Albrecht Schuster Simon "
            "Ludwig Böhm Winter Kraus Martin Schumacher Krämer Vogt Stein Jäger Otto",
        ),
        (
            "Acker Alt Bach Baum Berg Birk Brand Bruch Buch Burg Dorn Eich Eng Erl Falk Feld Fink Frei Grün "
            "Haber Hain Hart Haus Hein Hell Herr Hirsch Hoch Hohl Holz Kalt Kirch Klee Kohl Korn Kreuz Lind "
            "Loh Mohr Neu Ober Reich Ritt Rosen Rot Sand Schön Stein Stroh Wald Wein Wies Wild Wolf Zell",
            "en er el ing es im",
            "mann hof berg stein bach feld mayer hardt wald ner lein brecht burg müller schmid dorf thal "
            "kamp ler",
        ),
        "GmbH|AG|& Söhne KG|Bau GmbH|Technik GmbH|e.K.",
        (
            (
                "+49 30 ########",
                "+49 (0)30 ######-##",
                "0049 89 #######",
                "0049 40 #######",
            ),
            (
                "0049 171 #######",
                "+49 151 ########",
            ),
        ),
    ),
    _land(
        12,
        (
            "Marie Jean Pierre Nathalie Michel Isabelle Philippe Sylvie Alain Catherine Nicolas Françoise "
            "Thomas Céline Julien Émilie Frédéric Hélène Jérôme Aurélie Camille Léa Hugo Manon Jean-Pierre "
            "Anne-Marie",
            "Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefebvre "
            "Leroy Roux David Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau "
            "Vincent Muller Lefèvre Faure André Mercier Blanc Guérin Boyer Garnier Chevalier François "
            "Legrand Gauthier Garcia Perrin Robin Clément Morin Nicolas Henry Roussel Mathieu Gautier "
            "Masson Marchand Duval Denis Dumont Marie Lemaire Noël Meyer",
        ),
        (
            "Beau Bel Ber Bou Bour Bri Cha Char Chau Col Cor Cour Dela Des Du Fau Fle Gau Gi Gra Gui La Lan "
            "Le Mar Mau Mon Mou Pel Per Pi Pon Pra Ra Re Ri Ro Sau Tri Va Ver Vi",
            "l r n t v ch b d g m s",
            "ain eau et ard ier ois ot in ette on aud elle ieux ac illon ot",
        ),
        "SARL|SAS|& Fils|Frères|Conseil",
        (
            (
                "0033 1 4# ## ## ##",
                "+33 1 4# ## ## ##",
                "+33 4 7# ## ## ##",
            ),
            (
                "+33 6 ## ## ## ##",
                "+33 7 ## ## ## ##",
            ),
        ),
    ),
    _land(
        12,
        (
            "David John Susan Paul Margaret Michael Sarah Peter James Karen Andrew Emma Mark Helen Richard "
            "Claire Stephen Jane Thomas Rachel Matthew Laura Christopher Elizabeth Daniel Olivia Jack "
            "Amelia Mohammed Siobhan",
            "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker "
            "White Roberts Green Hall Wood Jackson Clarke Patel Khan Lewis James Phillips Mason Mitchell "
            "Rose Davis Rodriguez Cox Alexander Cooper Hill Ward Turner Carter Morris Moore Clark Lee King "
            "Baker Harrison Morgan Allen Martin O'Brien O'Neill McDonald Murphy Kelly Macleod Marshall "
            "Matthews May",
        ),
        (
            "Ash Bar Black Brad Brook Bur Cal Chad Clay Cray Dal Dar Ding East Ed Fair Far Gar Glen Graf "
            "Hal Ham Har Hather High Hol Hors Kel Kirk Lang Lin Long Lud Mar Mel Mid Nor Nut Old Pem Pres "
            "Red Rush Sel Shel Stan Sut Thorn Tre Wal War West Whit Win Wor",
            "ing er en le",
            "ton ley ford well wood field ham by worth burn land stone son more bridge man dale wick combe",
        ),
        "Ltd|plc|& Sons|Partners LLP|Group",
        (
            (
                "+44 (0)20 7### ####",
                "0044 20 8### ####",
                "+44 161 ### ####",
            ),
            (
                "+44 7700 9#####",
                "0044 7700 9#####",
            ),
        ),
    ),
    _land(
        8,
        (
            "María José Antonio Carmen Manuel Ana Francisco Isabel David Laura Javier Lucía Daniel Marta "
            "Jesús Elena Alejandro Cristina Miguel Pilar Ángel Rocío Íñigo Begoña José_Luis María_José",
            "García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez Ruiz "
            "Hernández Díaz Moreno Muñoz Álvarez Romero Alonso Gutiérrez Navarro Torres Domínguez Vázquez "
            "Ramos Gil Ramírez Serrano Blanco Molina Morales Suárez Ortega Delgado Castro Ortiz Rubio Marín "
            "Sanz Núñez Iglesias Medina Garrido Mas Mata",
        ),
        (
            "Al Ar Bar Ber Cal Cam Car Cas Cor Es Fe Ga Gar Go Her La Le Lo Ma Mar Men Mon Mu Na Or Pa Pe "
            "Pla Que Ra Ro Sa San Se Ta To Va Ve Vi Za",
            "a e i o an ar en er on or al ol",
            "rro lles ndo zo ero eda osa illo ija ez ada dal iente ales uela ón eño ía",
        ),
        "S.L.|S.A.|Hermanos|y Asociados",
        (
            (
                "0034 91 ### ## ##",
                "+34 93 ### ## ##",
            ),
            (
                "+34 6## ## ## ##",
                "+34 6########",
            ),
        ),
    ),
    _land(
        6,
        (
            "Anna Piotr Krzysztof Maria Andrzej Katarzyna Tomasz Małgorzata Jan Agnieszka Paweł Barbara "
            "Michał Ewa Łukasz Magdalena Stanisław Zofia Grażyna Bożena Mariusz Marek Marcin Mateusz Żaneta",
            "Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński Szymański Woźniak "
            "Dąbrowski Kozłowski Mazur Jankowski Kwiatkowski Wojciechowski Krawczyk Kaczmarek Piotrowski "
            "Grabowski Zając Pawłowski Michalski Król Wieczorek Jabłoński Majewski Olszewski Stępień "
            "Malinowski Jaworski Adamczyk Dudek Górski Mazurek Marciniak Maciejewski",
        ),
        (
            "Bar Biel Boga Bor Broni Chmie Czar Dob Dra Gła Gór Gra Jani Jar Kacz Kali Kar Klim Koc Kra Kul "
            "Len Lis Łuk Mali Mich Mod Ole Pasz Piet Rad Rog Sad Sien Soko Szcz Tom Urb Wal Wit Zar Żak",
            "n l w k r z b ow ew in",
            "owski ewski iński czyk ak ek ik icz ecki alski arek iec",
        ),
        "Sp. z o.o.|S.A.|i Wspólnicy",
        (
            (
                "0048 22 ### ## ##",
                "+48 12 ### ## ##",
            ),
            (
                "+48 50# ### ###",
                "+48 60# ### ###",
            ),
        ),
    ),
    _land(
        3,
        (
            "Γιώργος Μαρία Δημήτρης Ελένη Κώστας Κατερίνα Γιάννης Βασιλική Νίκος Σοφία Χρήστος Άννα "
            "Παναγιώτης Μάρκος",
            "Παπαδόπουλος Παπαδάκης Βλάχος Αγγελόπουλος Νικολάου Γεωργίου Δημητρίου Ιωάννου Κωνσταντίνου "
            "Οικονόμου Παππάς Μακρής Καραγιάννης Αντωνίου Μαυρίδης Μάντζιος",
        ),
        (
            "Αλεξ Αναστ Βασιλ Γαλαν Γιαν Δελη Ευσταθ Ζαχαρ Θεοδωρ Καλ Καρα Κοντ Λαμπρ Μακρ Μαυρ Μιχαλ Νικολ "
            "Παπα Πετρ Σταυρ Τσακ Φωτ Χατζη Χριστ",
            "ο ι α ά ί",
            "πουλος ίδης άκης όγλου άτος έας ιάδης ούδης",
        ),
        "Α.Ε.|Ε.Π.Ε.|και Υιοί",
        (
            (
                "0030 21 #### ####",
                "+30 21 #### ####",
            ),
            (
                "+30 69# ### ####",
                "+30 69########",
            ),
        ),
    ),
    _land(
        4,
        (
            "Александр Мария Сергей Елена Дмитрий Анна Алексей Ольга Андрей Наталья Иван Юлия Михаил "
            "Татьяна Артём Марина Максим Марк",
            "Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров Морозов Волков "
            "Алексеев Лебедев Семёнов Егоров Павлов Козлов Степанов Николаев Макаров Мартынов Матвеев "
            "Щербаков Юдин",
        ),
        (
            "Абра Ав Бар Бел Бог Бор Вас Вол Гав Гор Гри Дан Дем Евс Жар Зай Кал Кар Кол Кру Лав Лог Мак "
            "Мал Мар Мир Наз Овч Пан Пол Род Руд Сав Сел Сит Тар Тим Фад Хар Чер Шир Яков",
            "а е и о л н р",
            "ев ов ин ский енко ук ович цев кин хин",
        ),
        "ООО|и партнёры",
        (
            (
                "+7 (495) ###-##-##",
                "+7 812 ###-##-##",
            ),
            (
                "+7 9## ###-##-##",
                "007 9#########",
            ),
        ),
    ),
    _land(
        2,
        (
            "Mehmet Fatma Mustafa Ayşe Ahmet Emine Ali Hatice Hüseyin Zeynep İbrahim Şule Çağla",
            "Yılmaz Kaya Demir Şahin Çelik Yıldız Yıldırım Öztürk Aydın Özdemir Arslan Doğan Kılıç Aslan "
            "Çetin Kara",
        ),
        (
            "Ak Al Ay Bal Bay Bil Can Dağ Er Gök Gül Kar Kay Öz Sar Taş Tok Uç Yal Yüce",
            "a e ı i",
            "taş man kan demir soy oğlu er bek türk",
        ),
        "A.Ş.|Ltd. Şti.",
        (
            (
                "+90 212 ### ## ##",
                "+90 312 ### ## ##",
            ),
            (
                "0090 53# ### ## ##",
                "+90 54# ### ## ##",
            ),
        ),
    ),
    _land(
        1,
        (
            "明 芳 伟 秀英 娜 敏 静 强 磊 军 洋 勇 艳 杰",
            "王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 林 郭 何 高 罗",
        ),
        (
            "欧 司 上 诸 东 西",
            "阳 马 官",
            "明 华 平 国 文 建",
        ),
        "公司|集团",
        (
            ("+86 10 #### ####",),
            ("+86 138 #### ####",),
        ),
    ),
)
