### Простые страницы открытой записи. $name, $time и подобные — текст, количества — числа.

page-number = { $value }
page-percent = { $value } %
page-training = Тренировочное голосование: поданные здесь голоса не имеют юридической силы.
page-official = Официальные выборы
page-skip = Перейти к содержанию
page-languages = Язык
page-sections = Разделы записи
page-home = Итоги
page-entries = Записи
page-checkpoints = Контрольные точки

page-results = Итоги голосования
page-stated = Эти числа приведены так, как их сообщает доска. Проверьте их сами программой evote-verify и сравните отпечаток манифеста ниже с тем, что опубликован в другом месте.
page-no-result = Итогов пока нет.
page-mismatch = Доска опубликовала итоги, числа в которых не сходятся. Здесь они не показаны; исходные записи доступны.
page-unvouched = Новейшую контрольную точку подтвердило слишком мало свидетелей. Не полагайтесь на эту страницу.
page-contest-caption = Голоса за каждый вариант. Учтено бюллетеней: { $ballots }
page-option = Вариант
page-votes = Голоса
page-share = Доля бюллетеней
page-withheld = Бюллетени, не учтённые здесь, потому что их слишком мало, чтобы подсчёт не раскрыл чей-то голос: { $ballots }
page-by-place = По участкам
page-by-place-caption = Голоса по участкам
page-place = Участок
page-ballots = Бюллетени

page-outcome-elected = Избрание состоялось: { $names }
page-outcome-second-round = Второй тур между: { $names }
page-outcome-failed = Выборы не состоялись: больше всего голосов «против всех».
page-outcome-adopted = Принято: { $names }
page-outcome-not-adopted = Не принято
page-outcome-not-held = Не состоялось: приняло участие слишком мало избирателей.
page-outcome-undecided = Не решено, голосов поровну: { $names }
page-trace = Как это определено
page-trace-leader = Больше всего голосов: { $left }. Следующее число: { $right }.
page-trace-majority = Удвоенное наибольшее число голосов: { $left }. Бюллетени: { $right }. Первое должно быть больше.
page-trace-against-all = Голоса против всех: { $left }. Наибольшее у остальных: { $right }.
page-trace-turnout = Бюллетени, умноженные на сто: { $left }. Доля избирателей, которая должна принять участие, в тех же единицах: { $right }. Первое должно быть больше.

page-decisions = Решения комиссии
page-notice-suspend = Голосование приостановлено
page-notice-resume = Голосование возобновлено
page-notice-extend = Голосование продлено до: { $time }
page-notice-incident = Происшествие
page-notice-annul = Выборы отменены
page-at-entry = запись { $index }

page-facts = Об этих выборах
page-election-id = Имя выборов в журнале
page-opens = Начало голосования
page-closes = Конец голосования по расписанию
page-size = Записей в журнале
page-ballots-cast = Бюллетеней в журнале, включая заменённые
page-newest = Новейшая контрольная точка
page-digest = Отпечаток манифеста (SHA-256)
page-raw = Исходные файлы
page-raw-checkpoint = Новейшая контрольная точка
page-raw-manifest = Манифест (запись 0)

page-entries-intro = Всё, что было опубликовано, по порядку. Ничто не удаляется и не изменяется. Страница каждой записи показывает её так, как она была подписана.
page-entries-caption = Записи с { $first } по { $last } из { $count }
page-entry = Запись
page-type = Вид
page-leaf-hash = Хеш листа
page-bytes = Байты
page-bundle = Исходный файл этих записей
page-earlier = Раньше
page-later = Позже
page-turning = Продолжение списка

page-checkpoints-intro = Контрольная точка закрепляет все записи до некоторого числа. Свидетели, не связанные с доской, подписывают её с указанием времени, поэтому ничего нельзя изменить незаметно.
page-checkpoints-caption = Контрольные точки с { $first } по { $last } из { $count }
page-checkpoint = №
page-tree-size = Записей
page-root = Корневой хеш
page-cosigned = Заверена
page-witness-at = { $witness }: { $time }
page-not-vouched = не подтверждена

page-error = Эту страницу нельзя показать
page-error-unpublished = Ещё ничего не опубликовано. Попробуйте через минуту.
page-error-missing = Такой страницы нет.
page-error-damaged = Файлы этой записи не читаются. Проверьте её программой evote-verify.
page-footer = Эта страница составлена только из открытой записи. Она не хранит о вас сведений и ничего не загружает с других сайтов.
