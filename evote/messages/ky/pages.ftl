### Ачык жазуунун жөнөкөй баракчалары. $name, $time ж.б. — текст, сандар — сан.

page-number = { $value }
page-percent = { $value } %
page-training = Машыгуу добушу: бул жерде берилген добуштардын юридикалык күчү жок.
page-official = Расмий шайлоо
page-skip = Мазмунга өтүү
page-languages = Тил
page-sections = Жазуунун бөлүмдөрү
page-home = Жыйынтык
page-entries = Жазуулар
page-checkpoints = Текшерүү чекиттери

page-results = Добуш берүүнүн жыйынтыгы
page-stated = Бул сандар тактада көрсөтүлгөндөй берилди. Аларды evote-verify программасы менен өзүңүз текшериңиз жана төмөнкү манифесттин изин башка жерде жарыяланганы менен салыштырыңыз.
page-no-result = Жыйынтык азырынча жок.
page-mismatch = Такта сандары туура келбеген жыйынтыкты жарыялады. Ал бул жерде көрсөтүлбөйт; баштапкы жазуулар ачык.
page-unvouched = Эң жаңы текшерүү чекитин жетиштүү күбө ырастаган жок. Бул баракчага таянбаңыз.
page-contest-caption = Ар бир тандоо үчүн добуштар. Эсептелген бюллетендер: { $ballots }
page-option = Тандоо
page-votes = Добуштар
page-share = Бюллетендердин үлүшү
page-withheld = Бул жерде эсептелбеген бюллетендер, анткени алар өтө аз, эсептөө кимдир бирөөнүн добушун ачып коймок: { $ballots }
page-by-place = Участкалар боюнча
page-by-place-caption = Участкалар боюнча добуштар
page-place = Участка
page-ballots = Бюллетендер

page-outcome-elected = Шайланды: { $names }
page-outcome-second-round = Экинчи турга өттү: { $names }
page-outcome-failed = Шайлоо өткөн жок: эң көп добуш «баарына каршы» берилди.
page-outcome-adopted = Кабыл алынды: { $names }
page-outcome-not-adopted = Кабыл алынган жок
page-outcome-not-held = Өткөн жок: өтө аз шайлоочу катышты.
page-outcome-undecided = Чечилген жок, добуштар тең: { $names }
page-trace = Бул кантип аныкталды
page-trace-leader = Эң көп добуш: { $left }. Андан кийинкиси: { $right }.
page-trace-majority = Эң көп добуштун эки эсеси: { $left }. Бюллетендер: { $right }. Биринчиси чоң болушу керек.
page-trace-against-all = Баарына каршы добуштар: { $left }. Калгандардын эң көбү: { $right }.
page-trace-turnout = Бюллетендердин жүз эсеси: { $left }. Катышууга тийиш болгон шайлоочулардын үлүшү, ошол эле бирдик менен: { $right }. Биринчиси чоң болушу керек.

page-decisions = Комиссиянын чечимдери
page-notice-suspend = Добуш берүү токтотулду
page-notice-resume = Добуш берүү улантылды
page-notice-extend = Добуш берүү узартылды, аягы: { $time }
page-notice-incident = Окуя
page-notice-annul = Шайлоо жокко чыгарылды
page-at-entry = жазуу { $index }

page-facts = Бул шайлоо жөнүндө
page-election-id = Шайлоонун журналдагы аты
page-opens = Добуш берүүнүн башталышы
page-closes = Добуш берүүнүн тартип боюнча аякташы
page-size = Журналдагы жазуулар
page-ballots-cast = Журналдагы бюллетендер, алмаштырылгандары кошулат
page-newest = Эң жаңы текшерүү чекити
page-digest = Манифесттин изи (SHA-256)
page-raw = Баштапкы файлдар
page-raw-checkpoint = Эң жаңы текшерүү чекити
page-raw-manifest = Манифест (жазуу 0)

page-entries-intro = Жарыяланган нерселердин баары, өз ирети менен. Эч нерсе өчүрүлбөйт жана өзгөртүлбөйт. Ар бир жазуунун баракчасы аны кол коюлган түрүндө көрсөтөт.
page-entries-caption = Жазуулар: { $first }–{ $last }, баары { $count }
page-entry = Жазуу
page-type = Түрү
page-leaf-hash = Жалбырактын хеши
page-bytes = Байттар
page-bundle = Бул жазуулардын баштапкы файлы
page-earlier = Мурункулар
page-later = Кийинкилер
page-turning = Тизменин уландысы

page-checkpoints-intro = Текшерүү чекити белгилүү бир санга чейинки бардык жазууларды бекитет. Тактага тиешеси жок күбөлөр ага убактысын көрсөтүп кол коюшат, ошондуктан эч нерсени билинбестен өзгөртүүгө болбойт.
page-checkpoints-caption = Текшерүү чекиттери: { $first }–{ $last }, баары { $count }
page-checkpoint = №
page-tree-size = Жазуулардын саны
page-root = Тамыр хеши
page-cosigned = Күбөлөндүрүлдү
page-witness-at = { $witness }: { $time }
page-not-vouched = ырасталган эмес

page-error = Бул баракчаны көрсөтүүгө болбойт
page-error-unpublished = Азырынча эч нерсе жарыяланган жок. Бир мүнөттөн кийин аракет кылыңыз.
page-error-missing = Мындай баракча жок.
page-error-damaged = Бул жазуунун файлдары окулбайт. Аны evote-verify программасы менен текшериңиз.
page-footer = Бул баракча ачык жазуудан гана түзүлдү. Ал сиз жөнүндө маалымат сактабайт жана башка жерден эч нерсе жүктөбөйт.
