settings-title = Настройки { $site }
saved = Сохранено.
save = Сохранить
remove = Убрать
settings-collection = Что собирается
settings-collection-about = Выключенное не сохраняется никогда. Каждое изменение – новая датированная версия; на графике она отмечена флажком.
settings-collection-save = Сохранить новой версией
settings-note = Пометка к изменению
settings-note-hint = Почему или по чьей просьбе. Останется в истории. Можно не заполнять.
settings-history = { $count ->
    [one] История: { $count } версия
    [few] История: { $count } версии
   *[many] История: { $count } версий
 }
settings-first-version = первая версия
ip-none = Не хранится
ip-truncated = Хранится без последней части
ip-full = Хранится целиком
settings-goals-about = Чего сайт ждёт от посетителей. Цель считает и прошлые события.
goal-name = Название цели
goal-kind = Достигается
goal-page = страницей
goal-action = действием
goal-what = Образец страницы или имя действия
goal-hint = В страницах * означает любую часть одного уровня, ** – что угодно: /shop/**/thanks
goal-add = Добавить цель
settings-snippet = Код для сайта
settings-own = Свои посещения
settings-own-about = Обращения из этих сетей не считаются.
settings-own-label = Адреса или сети, по одной на строке
settings-own-hint = Например, 192.0.2.7 или 2001:db8::/48
settings-tokens = Ключи для программ
settings-tokens-about = Ключ чтения задаёт вопросы на /api/v2/query; ключ отправки присылает события с сервера.
token-send = присылать события
token-read = читать цифры
token-name = Для чего он
token-can = Ему можно
token-create = Создать ключ
token-once = Скопируйте ключ сейчас: он показан один раз.
token-revoke = Отозвать
token-revoked = отозван
problem-empty = Здесь пусто. Заполните, пожалуйста.
problem-long = Слишком длинно: не больше { $max } знаков.
problem-control = Здесь есть знаки, которые не текст. Уберите их, пожалуйста.
problem-taken = Такое название уже занято.
problem-network = «{ $given }» – не адрес и не сеть. Пишите, например, 192.0.2.7 или 192.0.2.0/24.
problem-pattern = Образец страницы начинается с / или *.
problem-other = Так принять это нельзя.
settings-annotations = Пометки на графике
settings-annotations-about = Выпуск новой версии, рекламная кампания, сбой: пометка к дню видна на графике флажком всем, кто смотрит этот сайт.
annotation-day = День
annotation-text = Что произошло
annotation-hint = Не больше 120 знаков. Людей здесь не называйте.
annotation-add = Пометить
problem-day = Это не дата. Выберите её в календаре или напишите так: 2026-01-31.
problem-many = Их уже { $max }. Сначала удалите лишние.
settings-scrub = Собранное раньше
settings-scrub-about = Выключенный вид данных больше не собирается. Здесь то же происходит с прошлым: всё, что хранится, а манифест сегодня запрещает, удаляется навсегда.
scrub-look = Показать, что будет удалено
scrub-nothing = Ничего из запрещённого манифестом не хранится.
scrub-would = Будет удалено:
scrub-done = Удалено:
scrub-warning = Вернуть это нельзя. Сделанные раньше выгрузки и резервные копии остаются; копии исчезнут, когда истечёт их срок.
scrub-word = Чтобы удалить, напишите { $site }
scrub-word-wrong = Это не имя сайта. Ничего не удалено.
scrub-take = Удалить
scrub-events = { $count ->
    [one] { $figure } событие целиком
    [few] { $figure } события целиком
   *[other] { $figure } событий целиком
 }
scrub-parts = { $count ->
    [one] из { $figure } события
   *[other] из { $figure } событий
 }
scrub-visitors = { $count ->
    [one] { $figure } посетитель, которого узнавали несколько дней, станет новым каждый день
    [few] { $figure } посетителя, которых узнавали несколько дней, станут новыми каждый день
   *[other] { $figure } посетителей, которых узнавали несколько дней, станут новыми каждый день
 }
