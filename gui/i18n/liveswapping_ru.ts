<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ru" sourcelanguage="en">
<context>
    <name>Banner</name>
    <message>
        <source>Details</source>
        <translation>Подробности</translation>
    </message>
    <message>
        <source>Do something about it</source>
        <translation>Исправить</translation>
    </message>
    <message>
        <source>Show the exact message</source>
        <translation>Показать точное сообщение</translation>
    </message>
    <message>
        <source>Close this message</source>
        <translation>Закрыть сообщение</translation>
    </message>
</context>
<context>
    <name>CameraPanel</name>
    <message>
        <source>Camera</source>
        <translation>Камера</translation>
    </message>
    <message>
        <source>Look for cameras</source>
        <translation>Искать камеры</translation>
    </message>
    <message>
        <source>Look for cameras again</source>
        <translation>Искать камеры заново</translation>
    </message>
    <message>
        <source>Turn the picture</source>
        <translation>Повернуть картинку</translation>
    </message>
    <message>
        <source>Turn the camera&apos;s picture by a quarter</source>
        <translation>Повернуть картинку камеры на четверть оборота</translation>
    </message>
    <message>
        <source>Flip the picture</source>
        <translation>Отразить картинку</translation>
    </message>
    <message>
        <source>Swap left and right, for everybody who sees it</source>
        <translation>Поменять левое и правое местами для всех, кто это видит</translation>
    </message>
    <message>
        <source>Which camera, file or demo is swapped</source>
        <translation>В какой камере, файле или демонстрации заменять лицо</translation>
    </message>
    <message>
        <source>Resolution</source>
        <translation>Разрешение</translation>
    </message>
    <message>
        <source>What to ask the camera for; below is what it gives</source>
        <translation>Что попросить у камеры; ниже — что она даёт на самом деле</translation>
    </message>
    <message>
        <source>Frame rate</source>
        <translation>Частота кадров</translation>
    </message>
    <message>
        <source>How many frames a second to ask the camera for</source>
        <translation>Сколько кадров в секунду попросить у камеры</translation>
    </message>
    <message>
        <source>Demo person</source>
        <translation>Демо-персонаж</translation>
    </message>
    <message>
        <source>Camera {0}</source>
        <translation>Камера {0}</translation>
    </message>
    <message>
        <source>Open a file …</source>
        <translation>Открыть файл …</translation>
    </message>
    <message>
        <source>Any size</source>
        <translation>Любой размер</translation>
    </message>
    <message>
        <source>{0} fps</source>
        <translation>{0} к/с</translation>
    </message>
    <message>
        <source>Any rate</source>
        <translation>Любая частота</translation>
    </message>
    <message>
        <source>No camera was found. Connect one and look again, or use the demo.</source>
        <translation>Камера не найдена. Подключите её и повторите поиск или выберите демо.</translation>
    </message>
    <message>
        <source>Choose a clip or a picture</source>
        <translation>Выберите видео или картинку</translation>
    </message>
</context>
<context>
    <name>CastMenu</name>
    <message>
        <source>Face {0} from the left becomes</source>
        <translation>Лицо {0} слева становится</translation>
    </message>
    <message>
        <source>No face is in the picture now</source>
        <translation>Сейчас в кадре нет лиц</translation>
    </message>
    <message>
        <source>All faces become whoever is chosen</source>
        <translation>Все лица становятся выбранным человеком</translation>
    </message>
    <message>
        <source>Whoever is chosen</source>
        <translation>Выбранный человек</translation>
    </message>
    <message>
        <source>Sample</source>
        <translation>Образец</translation>
    </message>
</context>
<context>
    <name>ClipEditor</name>
    <message>
        <source>Before</source>
        <translation>До</translation>
    </message>
    <message>
        <source>After</source>
        <translation>После</translation>
    </message>
    <message>
        <source>Frame of the clip</source>
        <translation>Кадр клипа</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Сравнить</translation>
    </message>
    <message>
        <source>Before and after, with a line that can be dragged</source>
        <translation>До и после, с линией, которую можно двигать</translation>
    </message>
    <message>
        <source>Close the clip</source>
        <translation>Закрыть клип</translation>
    </message>
    <message>
        <source>Close this view; the clip stays on the list</source>
        <translation>Закрыть этот вид; клип остаётся в списке</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>Шкала времени</translation>
    </message>
    <message>
        <source>Click to look there; drag the ends to keep a part. Keys: arrows, I and O</source>
        <translation>Нажмите, чтобы посмотреть там; двигайте края, чтобы оставить часть. Клавиши: стрелки, I и O</translation>
    </message>
    <message>
        <source>Begin here</source>
        <translation>Начать здесь</translation>
    </message>
    <message>
        <source>The part begins at the frame that is shown</source>
        <translation>Часть начинается с показанного кадра</translation>
    </message>
    <message>
        <source>End here</source>
        <translation>Закончить здесь</translation>
    </message>
    <message>
        <source>The part ends at the frame that is shown</source>
        <translation>Часть заканчивается показанным кадром</translation>
    </message>
    <message>
        <source>All of it</source>
        <translation>Целиком</translation>
    </message>
    <message>
        <source>Take the whole clip</source>
        <translation>Взять весь клип</translation>
    </message>
    <message>
        <source>Swapping this frame …</source>
        <translation>Замена в этом кадре …</translation>
    </message>
    <message>
        <source>{0} · part {1} to {2} of {3}</source>
        <translation>{0} · часть с {1} по {2} из {3}</translation>
    </message>
</context>
<context>
    <name>ClipRow</name>
    <message>
        <source>Go on</source>
        <translation>Продолжить</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Пауза</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Открыть папку</translation>
    </message>
    <message>
        <source>Open the folder of the result</source>
        <translation>Открыть папку с результатом</translation>
    </message>
    <message>
        <source>{0} of {1} frames</source>
        <translation>{0} из {1} кадров</translation>
    </message>
    <message>
        <source>Done: {0}</source>
        <translation>Готово: {0}</translation>
    </message>
    <message>
        <source>Waiting, to become {0}</source>
        <translation>Ждёт очереди; новое лицо: {0}</translation>
    </message>
    <message>
        <source>all of it</source>
        <translation>целиком</translation>
    </message>
    <message>
        <source>Part of the clip</source>
        <translation>Часть видео</translation>
    </message>
    <message>
        <source>From and to, such as 0:10-1:30; empty: all of it</source>
        <translation>От и до, например 0:10-1:30; пусто — целиком</translation>
    </message>
    <message>
        <source>Hold this clip, or go on where it was, also after a restart</source>
        <translation>Приостановить это видео или продолжить с того же места, в том числе после перезапуска</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Убрать</translation>
    </message>
    <message>
        <source>Stop this clip and take it off the list</source>
        <translation>Остановить это видео и убрать из списка</translation>
    </message>
    <message>
        <source>Look and trim</source>
        <translation>Посмотреть и обрезать</translation>
    </message>
    <message>
        <source>See any frame with the look as it is now, and cut a part</source>
        <translation>Посмотреть любой кадр с нынешним видом и вырезать часть</translation>
    </message>
    <message>
        <source>the sample face</source>
        <translation>лицо-образец</translation>
    </message>
    <message>
        <source>Not finished; it goes on where it was</source>
        <translation>Не закончено; продолжится с того же места</translation>
    </message>
    <message>
        <source>Preparing …</source>
        <translation>Подготовка …</translation>
    </message>
    <message>
        <source>, paused; it goes on where it was</source>
        <translation>, пауза; продолжится с этого места</translation>
    </message>
    <message>
        <source>, {0} fps, {1} left</source>
        <translation>, {0} к/с, осталось {1}</translation>
    </message>
</context>
<context>
    <name>DiagnosticsPage</name>
    <message>
        <source>Examining this machine …</source>
        <translation>Проверяю этот компьютер …</translation>
    </message>
    <message>
        <source>Diagnostics</source>
        <translation>Диагностика</translation>
    </message>
    <message>
        <source>What this machine has, and what is wrong with it. Nothing is sent anywhere.</source>
        <translation>Что есть в этом компьютере и что в нём не так. Ничего никуда не отправляется.</translation>
    </message>
    <message>
        <source>Examine again</source>
        <translation>Проверить снова</translation>
    </message>
    <message>
        <source>Look at this machine again; it takes some seconds</source>
        <translation>Проверить компьютер ещё раз; это займёт несколько секунд</translation>
    </message>
    <message>
        <source>Copy as bug report</source>
        <translation>Скопировать отчёт</translation>
    </message>
    <message>
        <source>All of this page as text, onto the clipboard</source>
        <translation>Вся эта страница текстом в буфер обмена</translation>
    </message>
    <message>
        <source>What is wrong</source>
        <translation>Что не так</translation>
    </message>
    <message>
        <source>This machine</source>
        <translation>Этот компьютер</translation>
    </message>
    <message>
        <source>Where the time goes</source>
        <translation>На что уходит время</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Журнал</translation>
    </message>
    <message>
        <source>Go live to see how long each step of a frame takes: median / 95 %.</source>
        <translation>Начните эфир, чтобы увидеть, сколько длится каждый шаг кадра: медиана / 95 %.</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>Уровень</translation>
    </message>
    <message>
        <source>Show messages of this level and above</source>
        <translation>Показывать сообщения этого уровня и выше</translation>
    </message>
    <message>
        <source>Nothing is wrong.</source>
        <translation>Всё в порядке.</translation>
    </message>
    <message>
        <source>Copied. Paste it into the report.</source>
        <translation>Скопировано. Вставьте в сообщение об ошибке.</translation>
    </message>
</context>
<context>
    <name>EnginePanel</name>
    <message>
        <source>Engine</source>
        <translation>Движок</translation>
    </message>
    <message>
        <source>What swaps the face. The built-in one runs on any computer.</source>
        <translation>Что заменяет лицо. Встроенный движок работает на любом компьютере.</translation>
    </message>
    <message>
        <source>Runs on</source>
        <translation>Работает на</translation>
    </message>
    <message>
        <source>Where neural engines run; the fastest that works by itself</source>
        <translation>Где работают нейросети; автоматически — на самом быстром из того, что работает</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Качество</translation>
    </message>
    <message>
        <source>Give up some of it where time is short, or never</source>
        <translation>Снижать, когда не хватает времени, или никогда</translation>
    </message>
    <message>
        <source>Delay kept</source>
        <translation>Задержка не больше</translation>
    </message>
    <message>
        <source>Quality is given up before the picture is older than this</source>
        <translation>Качество снижается раньше, чем картинка станет старше этого</translation>
    </message>
    <message>
        <source>Rate kept</source>
        <translation>Частота не меньше</translation>
    </message>
    <message>
        <source>Quality is given up before fewer pictures a second come</source>
        <translation>Качество снижается раньше, чем картинок в секунду станет меньше</translation>
    </message>
    <message>
        <source>Faces</source>
        <translation>Лица</translation>
    </message>
    <message>
        <source>Which faces in the picture are swapped</source>
        <translation>Какие лица в кадре заменять</translation>
    </message>
    <message>
        <source>Delay</source>
        <translation>Задержка</translation>
    </message>
    <message>
        <source>Hold the picture back, to meet a sound that comes late</source>
        <translation>Задержать картинку, чтобы она совпала с опаздывающим звуком</translation>
    </message>
    <message>
        <source> ms</source>
        <translation> мс</translation>
    </message>
    <message>
        <source> fps</source>
        <translation> кадр/с</translation>
    </message>
    <message>
        <source>The camera&apos;s</source>
        <translation>Как у камеры</translation>
    </message>
    <message>
        <source>Built-in (any computer)</source>
        <translation>Встроенный</translation>
    </message>
    <message>
        <source>{0} (fetch …)</source>
        <translation>{0} (скачать …)</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Автоматически</translation>
    </message>
    <message>
        <source>Largest</source>
        <translation>Самое большое</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Все</translation>
    </message>
    <message>
        <source>Leftmost</source>
        <translation>Самое левое</translation>
    </message>
    <message>
        <source>Rightmost</source>
        <translation>Самое правое</translation>
    </message>
    <message>
        <source>Central</source>
        <translation>Ближе к центру</translation>
    </message>
    <message>
        <source>Fast</source>
        <translation>Быстро</translation>
    </message>
    <message>
        <source>Balanced</source>
        <translation>Сбалансированно</translation>
    </message>
    <message>
        <source>Best</source>
        <translation>Лучшее</translation>
    </message>
    <message>
        <source>Custom</source>
        <translation>Своё</translation>
    </message>
</context>
<context>
    <name>FacePanel</name>
    <message>
        <source>There is no picture among these files. Use JPEG, PNG or WebP.</source>
        <translation>Среди этих файлов нет картинок. Подойдут JPEG, PNG или WebP.</translation>
    </message>
    <message>
        <source>Looking for faces …</source>
        <translation>Ищу лица …</translation>
    </message>
    <message>
        <source>There is no picture on the clipboard. Copy one first.</source>
        <translation>В буфере обмена нет картинки. Сначала скопируйте её.</translation>
    </message>
    <message>
        <source>Face</source>
        <translation>Лицо</translation>
    </message>
    <message>
        <source>Add photographs</source>
        <translation>Добавить фотографии</translation>
    </message>
    <message>
        <source>Choose photographs of the person to become</source>
        <translation>Выберите фотографии человека, которым хотите стать</translation>
    </message>
    <message>
        <source>Paste a picture</source>
        <translation>Вставить картинку</translation>
    </message>
    <message>
        <source>Paste a picture or files as new faces</source>
        <translation>Вставить картинку или файлы как новые лица</translation>
    </message>
    <message>
        <source>Take a picture</source>
        <translation>Сделать снимок</translation>
    </message>
    <message>
        <source>Take a picture with the chosen camera as a new face</source>
        <translation>Снять новое лицо выбранной камерой</translation>
    </message>
    <message>
        <source>Add to this person</source>
        <translation>Добавить этому человеку</translation>
    </message>
    <message>
        <source>More photographs of this person: it gets better</source>
        <translation>Больше фотографий этого человека: результат станет лучше</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Убрать</translation>
    </message>
    <message>
        <source>Take this person out of the gallery; files stay</source>
        <translation>Убрать человека из галереи; файлы останутся</translation>
    </message>
    <message>
        <source>Faces</source>
        <translation>Лица</translation>
    </message>
    <message>
        <source>Choose who to become. Drop pictures here to add people.</source>
        <translation>Выберите, кем стать. Перетащите сюда фотографии, чтобы добавить людей.</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Имя</translation>
    </message>
    <message>
        <source>The name of the chosen person; press Enter to keep it</source>
        <translation>Имя выбранного человека; Enter сохраняет его</translation>
    </message>
    <message>
        <source>This picture shows several people. Who shall it be?</source>
        <translation>На снимке несколько человек. Кого взять?</translation>
    </message>
    <message>
        <source>Sample</source>
        <translation>Образец</translation>
    </message>
    <message>
        <source>Faces from the left with people of their own: {0}. All others become the one above.</source>
        <translation>Лица слева со своими людьми: {0}. Остальные становятся человеком сверху.</translation>
    </message>
    <message>
        <source>Drop a photograph here, or click +.</source>
        <translation>Перетащите сюда фотографию или нажмите +.</translation>
    </message>
    <message numerus="yes">
        <source>%n photograph(s)</source>
        <translation>
            <numerusform>%n фотография</numerusform>
            <numerusform>%n фотографии</numerusform>
            <numerusform>%n фотографий</numerusform>
        </translation>
    </message>
    <message>
        <source>One photograph from the front is enough; more make it better.</source>
        <translation>Достаточно одного фото анфас; с несколькими будет лучше.</translation>
    </message>
    <message>
        <source>Choose photographs</source>
        <translation>Выберите фотографии</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>Картинки</translation>
    </message>
    <message>
        <source>Opening the camera …</source>
        <translation>Открываю камеру …</translation>
    </message>
    <message>
        <source>No face was found in {0}. Use a photograph that shows it from the front.</source>
        <translation>На {0} лица не найдено. Возьмите фотографию анфас.</translation>
    </message>
    <message>
        <source>Person {0}</source>
        <translation>Человек {0}</translation>
    </message>
    <message>
        <source>Take this face</source>
        <translation>Взять это лицо</translation>
    </message>
    <message>
        <source>New face</source>
        <translation>Новое лицо</translation>
    </message>
</context>
<context>
    <name>FirstRunPage</name>
    <message>
        <source>Be somebody else, live</source>
        <translation>Стать другим в прямом эфире</translation>
    </message>
    <message>
        <source>LiveSwapping puts another face on yours, from one photograph, on this computer.</source>
        <translation>LiveSwapping заменяет ваше лицо другим по одной фотографии, на этом компьютере.</translation>
    </message>
    <message>
        <source>What it does</source>
        <translation>Что делает программа</translation>
    </message>
    <message>
        <source>It swaps the face in a camera&apos;s picture, a clip or a photograph with that of another person.</source>
        <translation>Заменяет лицо в картинке камеры, видео или на фотографии лицом другого человека.</translation>
    </message>
    <message>
        <source>Whose consent you need</source>
        <translation>Чьё согласие нужно</translation>
    </message>
    <message>
        <source>Of everybody whose face you use. Deceiving anybody with it is not allowed.</source>
        <translation>Всех, чьё лицо вы используете. Вводить кого-либо в заблуждение нельзя.</translation>
    </message>
    <message>
        <source>How results are marked</source>
        <translation>Как помечается результат</translation>
    </message>
    <message>
        <source>A label in the picture and credentials in the file say that it was made; the settings have a switch for each. Say so too wherever you show it.</source>
        <translation>Надпись в кадре и сведения в файле говорят, что изображение создано; у каждой пометки свой переключатель в настройках. Говорите об этом и там, где показываете результат.</translation>
    </message>
    <message>
        <source>What stays here</source>
        <translation>Что остаётся здесь</translation>
    </message>
    <message>
        <source>Pictures never leave this computer. Nothing is sent anywhere unless you stream it yourself.</source>
        <translation>Картинки не покидают компьютер. Ничего никуда не отправляется, если вы сами это не транслируете.</translation>
    </message>
    <message>
        <source>I use it only with the consent of the people it shows.</source>
        <translation>Использую только с согласия тех, кто в кадре.</translation>
    </message>
    <message>
        <source>Agree, to go on</source>
        <translation>Согласитесь, чтобы продолжить</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Продолжить</translation>
    </message>
    <message>
        <source>Choose a face and a camera</source>
        <translation>Выбрать лицо и камеру</translation>
    </message>
    <message>
        <source>Speak {0}</source>
        <translation>Язык: {0}</translation>
    </message>
</context>
<context>
    <name>FoldersCard</name>
    <message>
        <source>Where recordings go</source>
        <translation>Куда идут записи</translation>
    </message>
    <message>
        <source>Where models lie</source>
        <translation>Где лежат модели</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>Папки</translation>
    </message>
    <message>
        <source>Recordings and pictures</source>
        <translation>Записи и картинки</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Модели</translation>
    </message>
    <message>
        <source>Computed to start sooner</source>
        <translation>Вычислено, чтобы начинать быстрее</translation>
    </message>
    <message>
        <source>Change …</source>
        <translation>Изменить …</translation>
    </message>
    <message>
        <source>Empty</source>
        <translation>Очистить</translation>
    </message>
    <message>
        <source>Change the folder for recordings</source>
        <translation>Изменить папку для записей</translation>
    </message>
    <message>
        <source>Choose where recordings go</source>
        <translation>Выбрать, куда идут записи</translation>
    </message>
    <message>
        <source>Choose where models lie; files that are there already stay where they are</source>
        <translation>Выбрать, где лежат модели; имеющиеся файлы остаются на месте</translation>
    </message>
    <message>
        <source>{0} says where models lie</source>
        <translation>Где лежат модели, задаёт {0}</translation>
    </message>
    <message>
        <source>Change the folder of models</source>
        <translation>Изменить папку моделей</translation>
    </message>
    <message>
        <source>Remove what was compiled for the graphics card; it is made again when it is needed</source>
        <translation>Удалить то, что собрано для видеокарты; при необходимости оно создаётся снова</translation>
    </message>
    <message>
        <source>Empty this folder</source>
        <translation>Очистить эту папку</translation>
    </message>
    <message>
        <source>Open the folder of recordings</source>
        <translation>Открыть папку записей</translation>
    </message>
    <message>
        <source>Open this folder</source>
        <translation>Открыть эту папку</translation>
    </message>
    <message>
        <source>Open the folder of models</source>
        <translation>Открыть папку моделей</translation>
    </message>
    <message>
        <source>Open the folder of what was computed</source>
        <translation>Открыть папку вычисленного</translation>
    </message>
    <message>
        <source>The folder is empty.</source>
        <translation>Папка пуста.</translation>
    </message>
</context>
<context>
    <name>ImagesPage</name>
    <message>
        <source>There is no picture among these files. Use JPEG, PNG or WebP.</source>
        <translation>Среди этих файлов нет картинок. Подойдут JPEG, PNG или WebP.</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>Фото</translation>
    </message>
    <message>
        <source>Swap the face in pictures. The originals stay as they are.</source>
        <translation>Замена лица на фотографиях. Оригиналы не меняются.</translation>
    </message>
    <message>
        <source>Drop pictures or folders here</source>
        <translation>Перетащите сюда фотографии или папки</translation>
    </message>
    <message>
        <source>JPEG, PNG, WebP, TIFF; results go beside them or into a folder</source>
        <translation>JPEG, PNG, WebP, TIFF; результаты — рядом с ними или в папку</translation>
    </message>
    <message>
        <source>Choose …</source>
        <translation>Выбрать …</translation>
    </message>
    <message>
        <source>Choose pictures</source>
        <translation>Выберите картинки</translation>
    </message>
    <message>
        <source>Choose pictures to swap in</source>
        <translation>Выбрать картинки для замены лица</translation>
    </message>
    <message>
        <source>Become</source>
        <translation>Стать</translation>
    </message>
    <message>
        <source>Results go</source>
        <translation>Результаты</translation>
    </message>
    <message>
        <source>Swap</source>
        <translation>Заменить</translation>
    </message>
    <message>
        <source>Swap the face in all these pictures</source>
        <translation>Заменить лицо на всех этих картинках</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Отменить</translation>
    </message>
    <message>
        <source>Stop after the picture in work; what is done stays</source>
        <translation>Остановиться после текущей картинки; готовое останется</translation>
    </message>
    <message>
        <source>Clear the list</source>
        <translation>Очистить список</translation>
    </message>
    <message>
        <source>Take all pictures off the list; files stay</source>
        <translation>Убрать все картинки из списка; файлы останутся</translation>
    </message>
    <message>
        <source>Results, before and after</source>
        <translation>Результаты: до и после</translation>
    </message>
    <message>
        <source>Before and after; double click opens the result</source>
        <translation>До и после; двойной щелчок открывает результат</translation>
    </message>
    <message>
        <source>Results appear here, each beside what it was.</source>
        <translation>Здесь появятся результаты рядом с исходными картинками.</translation>
    </message>
    <message>
        <source>beside the originals</source>
        <translation>рядом с оригиналами</translation>
    </message>
    <message>
        <source>Folder for the results</source>
        <translation>Папка для результатов</translation>
    </message>
    <message>
        <source>Choose a folder for the results</source>
        <translation>Выберите папку для результатов</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} из {1}</translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) on the list</source>
        <translation>
            <numerusform>%n картинка в списке</numerusform>
            <numerusform>%n картинки в списке</numerusform>
            <numerusform>%n картинок в списке</numerusform>
        </translation>
    </message>
    <message>
        <source>{0}: not done</source>
        <translation>{0}: не вышло</translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) swapped.</source>
        <translation>
            <numerusform>Готова %n картинка.</numerusform>
            <numerusform>Готово %n картинки.</numerusform>
            <numerusform>Готово %n картинок.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n could not be done; point at them to see why.</source>
        <translation>
            <numerusform>%n не вышла; наведите на неё, чтобы узнать почему.</numerusform>
            <numerusform>%n не вышли; наведите на них, чтобы узнать почему.</numerusform>
            <numerusform>%n не вышли; наведите на них, чтобы узнать почему.</numerusform>
        </translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Открыть папку</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>Картинки</translation>
    </message>
</context>
<context>
    <name>InpaintPage</name>
    <message>
        <source>There is no clip among these files. Use MP4, MOV, MKV or WebM.</source>
        <translation>Среди этих файлов нет клипа. Подходят MP4, MOV, MKV и WebM.</translation>
    </message>
    <message>
        <source>Inpaint</source>
        <translation>Удаление</translation>
    </message>
    <message>
        <source>Take something out of a clip: its background is found in other frames.</source>
        <translation>Удалить что-нибудь из клипа: фон находится на других кадрах.</translation>
    </message>
    <message>
        <source>Drop a clip here</source>
        <translation>Перетащите клип сюда</translation>
    </message>
    <message>
        <source>MP4, MOV, MKV, WebM; the original stays as it is</source>
        <translation>MP4, MOV, MKV, WebM; оригинал остаётся как есть</translation>
    </message>
    <message>
        <source>Choose …</source>
        <translation>Выбрать …</translation>
    </message>
    <message>
        <source>Choose a clip</source>
        <translation>Выбор клипа</translation>
    </message>
    <message>
        <source>Choose a clip to take something out of</source>
        <translation>Выбрать клип, из которого что-то удаляется</translation>
    </message>
    <message>
        <source>Take out</source>
        <translation>Удалить</translation>
    </message>
    <message>
        <source>What the box marks</source>
        <translation>То, что в рамке</translation>
    </message>
    <message>
        <source>What a picture marks white</source>
        <translation>Белое на картинке-маске</translation>
    </message>
    <message>
        <source>Faces</source>
        <translation>Лица</translation>
    </message>
    <message>
        <source>People</source>
        <translation>Люди</translation>
    </message>
    <message>
        <source>Hair (roughly)</source>
        <translation>Волосы (приблизительно)</translation>
    </message>
    <message>
        <source>What to take out</source>
        <translation>Что удалить</translation>
    </message>
    <message>
        <source>A box is drawn with the mouse on the picture below</source>
        <translation>Рамка рисуется мышью на картинке ниже</translation>
    </message>
    <message>
        <source>Follow it</source>
        <translation>Следить</translation>
    </message>
    <message>
        <source>What is marked on the first picture moves with the thing</source>
        <translation>Отмеченное на первом кадре движется вместе с предметом</translation>
    </message>
    <message>
        <source>Fill what is marked, in every frame</source>
        <translation>Заполнить отмеченное на каждом кадре</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Отменить</translation>
    </message>
    <message>
        <source>Stop; what is done is kept, and the next start goes on</source>
        <translation>Остановить; сделанное сохраняется, следующий запуск продолжит</translation>
    </message>
    <message>
        <source>First picture of the clip</source>
        <translation>Первый кадр клипа</translation>
    </message>
    <message>
        <source>Draw a box around what is to go</source>
        <translation>Обведите рамкой то, что удалить</translation>
    </message>
    <message>
        <source>Drop a clip above; then draw a box around what is to go.</source>
        <translation>Перетащите клип выше, затем обведите рамкой то, что убрать.</translation>
    </message>
    <message>
        <source>Nothing to take out yet</source>
        <translation>Пока удалять нечего</translation>
    </message>
    <message>
        <source>Choose the picture …</source>
        <translation>Выбрать картинку …</translation>
    </message>
    <message>
        <source>Picture that marks</source>
        <translation>Картинка-маска</translation>
    </message>
    <message>
        <source>Choose a picture that is white where to fill</source>
        <translation>Выбрать картинку, белую там, где заполнять</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} из {1}</translation>
    </message>
    <message>
        <source>, about {0} s to go</source>
        <translation>, осталось около {0} с</translation>
    </message>
    <message>
        <source>Done: {0}</source>
        <translation>Готово: {0}</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Открыть папку</translation>
    </message>
    <message>
        <source>Clips</source>
        <translation>Видео</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>Картинки</translation>
    </message>
</context>
<context>
    <name>Keys</name>
    <message>
        <source>Go live, or stop</source>
        <translation>Начать эфир или остановить</translation>
    </message>
    <message>
        <source>Hide: nothing that the camera sees leaves any more</source>
        <translation>Скрыть: ничего из того, что видит камера, больше не уходит</translation>
    </message>
    <message>
        <source>Record, or end the recording</source>
        <translation>Начать или закончить запись</translation>
    </message>
    <message>
        <source>Save the picture that is shown</source>
        <translation>Сохранить показанную картинку</translation>
    </message>
    <message>
        <source>Compare before and after</source>
        <translation>Сравнить до и после</translation>
    </message>
    <message>
        <source>Fill the screen, or leave that</source>
        <translation>Во весь экран или обратно</translation>
    </message>
    <message>
        <source>Paste a picture as a new face</source>
        <translation>Вставить картинку как новое лицо</translation>
    </message>
    <message>
        <source>Undo the last change of the look</source>
        <translation>Отменить последнее изменение вида</translation>
    </message>
    <message>
        <source>Redo the change of the look</source>
        <translation>Вернуть изменение вида</translation>
    </message>
</context>
<context>
    <name>LivePage</name>
    <message>
        <source>Saved {0}</source>
        <translation>Сохранено: {0}</translation>
    </message>
    <message>
        <source>Before</source>
        <translation>До</translation>
    </message>
    <message>
        <source>After</source>
        <translation>После</translation>
    </message>
    <message>
        <source>Face {0}: click to choose who</source>
        <translation>Лицо {0}: нажмите, чтобы выбрать кто</translation>
    </message>
    <message>
        <source>Live picture</source>
        <translation>Живая картинка</translation>
    </message>
    <message>
        <source>Go live</source>
        <translation>В эфир</translation>
    </message>
    <message>
        <source>Getting ready …</source>
        <translation>Подготовка …</translation>
    </message>
    <message>
        <source>Starting … click to cancel</source>
        <translation>Запуск … нажмите для отмены</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Стоп</translation>
    </message>
    <message>
        <source>Stopping …</source>
        <translation>Остановка …</translation>
    </message>
    <message>
        <source>Swap the face of the camera&apos;s picture, or stop that</source>
        <translation>Заменять лицо в картинке камеры или прекратить это</translation>
    </message>
    <message>
        <source>Starting …</source>
        <translation>Запуск …</translation>
    </message>
    <message>
        <source>Reading photographs, opening the camera</source>
        <translation>Читаю фотографии, открываю камеру</translation>
    </message>
    <message>
        <source>Drop a photograph here, or click + on the left.</source>
        <translation>Перетащите сюда фотографию или нажмите + слева.</translation>
    </message>
    <message>
        <source>Who do you want to be?</source>
        <translation>Кем вы хотите быть?</translation>
    </message>
    <message>
        <source>the sample face</source>
        <translation>лицо-образец</translation>
    </message>
    <message>
        <source>Click “Go live” to become {0}.</source>
        <translation>Нажмите «В эфир». Новое лицо: {0}.</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>Всё готово</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Повторить</translation>
    </message>
    <message>
        <source>Open Models</source>
        <translation>Открыть «Модели»</translation>
    </message>
    <message>
        <source>Add a photograph</source>
        <translation>Добавить фотографию</translation>
    </message>
    <message>
        <source>Look for cameras</source>
        <translation>Искать камеры</translation>
    </message>
</context>
<context>
    <name>LookPanel</name>
    <message>
        <source>Look</source>
        <translation>Вид</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Отменить</translation>
    </message>
    <message>
        <source>Undo the last change of the look</source>
        <translation>Отменить последнее изменение вида</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>Вернуть</translation>
    </message>
    <message>
        <source>Redo the change of the look</source>
        <translation>Вернуть изменение вида</translation>
    </message>
    <message>
        <source>Reset the look</source>
        <translation>Сбросить вид</translation>
    </message>
    <message>
        <source>All sliders back to where they rest</source>
        <translation>Все ползунки в исходное положение</translation>
    </message>
    <message>
        <source>Save preset</source>
        <translation>Сохранить набор</translation>
    </message>
    <message>
        <source>Save these sliders under the name on the left</source>
        <translation>Сохранить ползунки под именем слева</translation>
    </message>
    <message>
        <source>Remove preset</source>
        <translation>Удалить набор</translation>
    </message>
    <message>
        <source>Remove the preset of this name</source>
        <translation>Удалить набор с этим именем</translation>
    </message>
    <message>
        <source>Preset</source>
        <translation>Набор</translation>
    </message>
    <message>
        <source>Choose a preset, or type a name to save one</source>
        <translation>Выберите набор или введите имя, чтобы сохранить</translation>
    </message>
    <message>
        <source>Presets</source>
        <translation>Наборы</translation>
    </message>
    <message>
        <source>Name of the preset</source>
        <translation>Имя набора</translation>
    </message>
    <message>
        <source>Strength</source>
        <translation>Сила</translation>
    </message>
    <message>
        <source>How much of the swap shows</source>
        <translation>Насколько видна замена</translation>
    </message>
    <message>
        <source>Face shape</source>
        <translation>Форма лица</translation>
    </message>
    <message>
        <source>How far the face takes the other one&apos;s proportions</source>
        <translation>Насколько лицо принимает чужие пропорции</translation>
    </message>
    <message>
        <source>Colour match</source>
        <translation>Подгонка цвета</translation>
    </message>
    <message>
        <source>How far the face takes the light and colour here</source>
        <translation>Насколько лицо принимает здешний свет и цвет</translation>
    </message>
    <message>
        <source>Sharpness</source>
        <translation>Резкость</translation>
    </message>
    <message>
        <source>Sharpen the swapped face</source>
        <translation>Повысить резкость заменённого лица</translation>
    </message>
    <message>
        <source>Soft edge</source>
        <translation>Мягкий край</translation>
    </message>
    <message>
        <source>How soft the border of the swap is</source>
        <translation>Насколько мягка граница замены</translation>
    </message>
    <message>
        <source>Keep my mouth</source>
        <translation>Оставить мой рот</translation>
    </message>
    <message>
        <source>Lips and mouth stay those of the camera</source>
        <translation>Губы и рот остаются из камеры</translation>
    </message>
    <message>
        <source>Keep my eyes</source>
        <translation>Оставить мои глаза</translation>
    </message>
    <message>
        <source>Eyes and lids stay those of the camera</source>
        <translation>Глаза и веки остаются из камеры</translation>
    </message>
    <message>
        <source>Saved the preset “{0}”.</source>
        <translation>Набор «{0}» сохранён.</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>LiveSwapping picture</source>
        <translation>Картинка LiveSwapping</translation>
    </message>
    <message>
        <source>, {0} fps</source>
        <translation>, {0} к/с</translation>
    </message>
    <message>
        <source>Settings cannot be kept: the folder for them is not writable.</source>
        <translation>Настройки не сохраняются: в их папку нельзя писать.</translation>
    </message>
</context>
<context>
    <name>MarkingCard</name>
    <message>
        <source>Marking</source>
        <translation>Пометка</translation>
    </message>
    <message>
        <source>Label in the picture</source>
        <translation>Надпись в кадре</translation>
    </message>
    <message>
        <source>Credentials in files</source>
        <translation>Сведения в файлах</translation>
    </message>
    <message>
        <source>A small AI FACE SWAP in a corner, never over a face</source>
        <translation>Небольшая надпись AI FACE SWAP в углу, никогда поверх лица</translation>
    </message>
    <message>
        <source>Pictures, clips and recordings say how they were made</source>
        <translation>Снимки, ролики и записи говорят, как они сделаны</translation>
    </message>
    <message>
        <source>Everything that leaves shows it: views, recordings, streams, clips and pictures.</source>
        <translation>Она видна во всём, что выходит наружу: в окнах, записях, трансляциях, роликах и снимках.</translation>
    </message>
    <message>
        <source>Content credentials (C2PA), signed with a key that was made on this computer. They name no person; all files of this computer carry the same key.</source>
        <translation>Сведения о происхождении (C2PA), подписанные ключом, созданным на этом компьютере. Имён в них нет; ключ один для всех файлов этого компьютера.</translation>
    </message>
</context>
<context>
    <name>ModelRow</name>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} из {1}</translation>
    </message>
    <message>
        <source>here</source>
        <translation>на месте</translation>
    </message>
    <message>
        <source>not here</source>
        <translation>нет</translation>
    </message>
    <message>
        <source>damaged</source>
        <translation>повреждена</translation>
    </message>
    <message>
        <source>{0} came already</source>
        <translation>{0} уже загружено</translation>
    </message>
    <message>
        <source>built in</source>
        <translation>встроено</translation>
    </message>
    <message>
        <source>Licence: {0}</source>
        <translation>Лицензия: {0}</translation>
    </message>
    <message>
        <source>Repair</source>
        <translation>Починить</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Скачать</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Продолжить</translation>
    </message>
    <message>
        <source>Fetch this file; what came before is kept</source>
        <translation>Скачать этот файл; уже полученное сохранится</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Пауза</translation>
    </message>
    <message>
        <source>Stop here; Download goes on where it was</source>
        <translation>Остановить; «Скачать» продолжит с этого места</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Отменить</translation>
    </message>
    <message>
        <source>Give this download up; nothing of it stays on the disk</source>
        <translation>Отказаться от загрузки; на диске ничего не останется</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Удалить</translation>
    </message>
    <message>
        <source>Delete this file from the disk</source>
        <translation>Удалить этот файл с диска</translation>
    </message>
    <message>
        <source>Its licence does not allow commercial use. Do you agree to that?</source>
        <translation>Её лицензия запрещает коммерческое использование. Согласны?</translation>
    </message>
    <message>
        <source>Agree and download</source>
        <translation>Согласиться и скачать</translation>
    </message>
    <message>
        <source>Do not download</source>
        <translation>Не скачивать</translation>
    </message>
    <message>
        <source>Leave it</source>
        <translation>Оставить как есть</translation>
    </message>
</context>
<context>
    <name>Models</name>
    <message>
        <source>finds faces within about 2 m</source>
        <translation>находит лица на расстоянии до 2 м</translation>
    </message>
    <message>
        <source>finds faces within about 5 m</source>
        <translation>находит лица на расстоянии до 5 м</translation>
    </message>
    <message>
        <source>468 points of a face with depth, and whether it is one</source>
        <translation>468 точек лица с глубиной и проверка, лицо ли это</translation>
    </message>
    <message>
        <source>the contour of an eye and its iris</source>
        <translation>контур глаза и радужка</translation>
    </message>
    <message>
        <source>person against background, square pictures</source>
        <translation>отделяет человека от фона, квадратные картинки</translation>
    </message>
    <message>
        <source>person against background, wide pictures</source>
        <translation>отделяет человека от фона, широкие картинки</translation>
    </message>
    <message>
        <source>finds hands</source>
        <translation>находит руки</translation>
    </message>
    <message>
        <source>21 points of a hand, and whether it is one</source>
        <translation>21 точка кисти и проверка, рука ли это</translation>
    </message>
    <message>
        <source>weights of the ReSwapper network at 128 pixels, about 553 MB</source>
        <translation>веса сети ReSwapper на 128 пикселей, около 553 МБ</translation>
    </message>
    <message>
        <source>weights of the ReSwapper network at 256 pixels, about 553 MB</source>
        <translation>веса сети ReSwapper на 256 пикселей, около 553 МБ</translation>
    </message>
    <message>
        <source>InsightFace&apos;s swap network at 128 pixels, about 554 MB</source>
        <translation>сеть замены InsightFace на 128 пикселей, около 554 МБ</translation>
    </message>
    <message>
        <source>the identity map (512×512) that swap networks were trained with</source>
        <translation>карта личности (512×512), с которой обучались сети замены</translation>
    </message>
    <message>
        <source>InsightFace&apos;s face detector (SCRFD) of the pack buffalo_l</source>
        <translation>детектор лиц InsightFace (SCRFD) из набора buffalo_l</translation>
    </message>
    <message>
        <source>InsightFace&apos;s face recognition (ArcFace) of the pack buffalo_l</source>
        <translation>распознавание лиц InsightFace (ArcFace) из набора buffalo_l</translation>
    </message>
    <message>
        <source>a small, quick face detector</source>
        <translation>небольшой быстрый детектор лиц</translation>
    </message>
    <message>
        <source>weights of the GFPGAN face restorer, about 349 MB</source>
        <translation>веса восстановления лиц GFPGAN, около 349 МБ</translation>
    </message>
    <message>
        <source>weights of the GFPGAN face restorer, version 1.4</source>
        <translation>веса восстановления лиц GFPGAN, версия 1.4</translation>
    </message>
    <message>
        <source>weights of RealESRGAN, which doubles whole pictures</source>
        <translation>веса RealESRGAN, которая удваивает размер картинок</translation>
    </message>
    <message>
        <source>weights of RAFT, which tells how pixels move, about 21 MB</source>
        <translation>веса RAFT, которая следит за движением пикселей, около 21 МБ</translation>
    </message>
    <message>
        <source>weights of the network that completes motion inside a hole, about 20 MB</source>
        <translation>веса сети, дополняющей движение внутри дыры, около 20 МБ</translation>
    </message>
    <message>
        <source>weights of the network that fills a hole, about 158 MB</source>
        <translation>веса сети, заполняющей дыру, около 158 МБ</translation>
    </message>
    <message>
        <source>{0} MB</source>
        <translation>{0} МБ</translation>
    </message>
    <message>
        <source>{0} GB</source>
        <translation>{0} ГБ</translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message>
        <source>Models</source>
        <translation>Модели</translation>
    </message>
    <message>
        <source>The built-in engine needs only what is here already. Neural engines need weights.</source>
        <translation>Встроенному движку хватает того, что уже есть. Нейросетевым нужны веса.</translation>
    </message>
    <message>
        <source>Verify all</source>
        <translation>Проверить все</translation>
    </message>
    <message>
        <source>Read every file and compare it with what it should be</source>
        <translation>Прочитать каждый файл и сверить с тем, каким он должен быть</translation>
    </message>
    <message>
        <source>Drop weights of your own here</source>
        <translation>Перетащите сюда свои веса</translation>
    </message>
    <message>
        <source>DeepFaceLive (.dfm), ONNX (.onnx) or ReSwapper (.pth); they are copied</source>
        <translation>DeepFaceLive (.dfm), ONNX (.onnx) или ReSwapper (.pth); файлы копируются</translation>
    </message>
    <message>
        <source>Choose …</source>
        <translation>Выбрать …</translation>
    </message>
    <message>
        <source>Choose weights</source>
        <translation>Выберите веса</translation>
    </message>
    <message>
        <source>Choose weights of your own to add</source>
        <translation>Выбрать свои веса, чтобы добавить</translation>
    </message>
    <message>
        <source>These are no weights. Drop .dfm, .onnx or .pth files.</source>
        <translation>Это не веса. Перетащите файлы .dfm, .onnx или .pth.</translation>
    </message>
    <message numerus="yes">
        <source>%n file(s) added. Choose them under Engine on the Live page.</source>
        <translation>
            <numerusform>Добавлен %n файл. Выберите его в разделе «Движок» на странице «Эфир».</numerusform>
            <numerusform>Добавлено %n файла. Выберите их в разделе «Движок» на странице «Эфир».</numerusform>
            <numerusform>Добавлено %n файлов. Выберите их в разделе «Движок» на странице «Эфир».</numerusform>
        </translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>Веса</translation>
    </message>
    <message>
        <source>Files lie in {0}</source>
        <translation>Файлы лежат в {0}</translation>
    </message>
</context>
<context>
    <name>OutletBox</name>
    <message>
        <source>Virtual camera</source>
        <translation>Виртуальная камера</translation>
    </message>
    <message>
        <source>Zoom, Teams, browsers and OBS can choose the picture as a camera</source>
        <translation>Zoom, Teams, браузеры и OBS смогут выбрать это изображение как камеру</translation>
    </message>
    <message>
        <source>Browsers and OBS</source>
        <translation>Браузеры и OBS</translation>
    </message>
    <message>
        <source>Browsers and OBS on this machine can open the picture by its address</source>
        <translation>Браузеры и OBS на этом компьютере смогут открыть изображение по адресу</translation>
    </message>
    <message>
        <source>Stream</source>
        <translation>Трансляция</translation>
    </message>
    <message>
        <source>Send the picture to the address below, with RTMP, SRT or UDP</source>
        <translation>Отправлять изображение по адресу ниже: RTMP, SRT или UDP</translation>
    </message>
    <message>
        <source>Address of the stream</source>
        <translation>Адрес трансляции</translation>
    </message>
    <message>
        <source>Where the stream goes: server and key, as the streaming service gives them</source>
        <translation>Куда идёт трансляция: сервер и ключ, как их даёт сервис</translation>
    </message>
</context>
<context>
    <name>OutputPanel</name>
    <message>
        <source>Recording to {0}</source>
        <translation>Идёт запись в {0}</translation>
    </message>
    <message>
        <source>Recording begins when you are live.</source>
        <translation>Запись возможна в эфире.</translation>
    </message>
    <message>
        <source>Output</source>
        <translation>Вывод</translation>
    </message>
    <message>
        <source>Record a video</source>
        <translation>Записывать видео</translation>
    </message>
    <message>
        <source>Write what is shown into a video file</source>
        <translation>Записывать показанное в видеофайл</translation>
    </message>
    <message>
        <source>Window to capture</source>
        <translation>Окно для захвата</translation>
    </message>
    <message>
        <source>A second window with nothing but the picture, for OBS or a meeting to capture</source>
        <translation>Второе окно с одной только картинкой, для захвата в OBS или на встрече</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Открыть папку</translation>
    </message>
    <message>
        <source>Saved {0}</source>
        <translation>Сохранено: {0}</translation>
    </message>
</context>
<context>
    <name>PersonBox</name>
    <message>
        <source>Sample</source>
        <translation>Образец</translation>
    </message>
    <message>
        <source>Nobody yet</source>
        <translation>Пока никто</translation>
    </message>
    <message>
        <source>Become</source>
        <translation>Стать</translation>
    </message>
    <message>
        <source>Who to become; the gallery on the Live page has more</source>
        <translation>Кем стать; остальное — в галерее на странице «Эфир»</translation>
    </message>
</context>
<context>
    <name>PolicyBox</name>
    <message>
        <source>Blur</source>
        <translation>Размыть</translation>
    </message>
    <message>
        <source>Hold the last picture</source>
        <translation>Держать прошлый кадр</translation>
    </message>
    <message>
        <source>Black</source>
        <translation>Чёрный экран</translation>
    </message>
    <message>
        <source>Show it</source>
        <translation>Показать</translation>
    </message>
    <message>
        <source>No face</source>
        <translation>Нет лица</translation>
    </message>
    <message>
        <source>What is shown while no face can be swapped for certain; yours must not show by accident</source>
        <translation>Что показывать, пока лицо нельзя надёжно заменить, чтобы ваше не показалось случайно</translation>
    </message>
    <message>
        <source>Others</source>
        <translation>Чужие лица</translation>
    </message>
    <message>
        <source>What becomes of faces nobody chose</source>
        <translation>Что делать с лицами, которых никто не выбирал</translation>
    </message>
</context>
<context>
    <name>PresetsCard</name>
    <message>
        <source>Presets of the look</source>
        <translation>Наборы вида</translation>
    </message>
    <message>
        <source>Presets are made on the Live page. Here they go to a file and come from one.</source>
        <translation>Наборы создаются на странице «Эфир». Здесь их можно сохранить в файл и загрузить из него.</translation>
    </message>
    <message>
        <source>Import …</source>
        <translation>Загрузить …</translation>
    </message>
    <message>
        <source>Export …</source>
        <translation>Сохранить …</translation>
    </message>
    <message>
        <source>Import presets</source>
        <translation>Загрузить наборы</translation>
    </message>
    <message>
        <source>Add the presets of a file</source>
        <translation>Добавить наборы из файла</translation>
    </message>
    <message>
        <source>Export presets</source>
        <translation>Сохранить наборы</translation>
    </message>
    <message>
        <source>Write all presets into a file</source>
        <translation>Записать все наборы в файл</translation>
    </message>
    <message>
        <source>There are no presets in this file.</source>
        <translation>В этом файле нет наборов.</translation>
    </message>
    <message numerus="yes">
        <source>%n preset(s) imported.</source>
        <translation>
            <numerusform>Загружен %n набор.</numerusform>
            <numerusform>Загружено %n набора.</numerusform>
            <numerusform>Загружено %n наборов.</numerusform>
        </translation>
    </message>
    <message>
        <source>The file cannot be written.</source>
        <translation>Файл не записывается.</translation>
    </message>
    <message>
        <source>Saved {0}</source>
        <translation>Сохранено: {0}</translation>
    </message>
</context>
<context>
    <name>Problems</name>
    <message>
        <source>No face was found. Use a photograph that shows it from the front.</source>
        <translation>Лицо не найдено. Возьмите фотографию анфас.</translation>
    </message>
    <message>
        <source>The download did not succeed. Try again; it goes on.</source>
        <translation>Скачать не удалось. Повторите: загрузка продолжится.</translation>
    </message>
    <message>
        <source>A model file is missing or damaged. The Models page fetches it.</source>
        <translation>Файл модели отсутствует или повреждён. Его скачает страница «Модели».</translation>
    </message>
    <message>
        <source>The graphics card is out of memory. Choose a smaller engine.</source>
        <translation>Видеокарте не хватает памяти. Выберите движок поменьше.</translation>
    </message>
    <message>
        <source>These settings do not fit together.</source>
        <translation>Эти настройки несовместимы.</translation>
    </message>
    <message>
        <source>The camera or file gives no picture.</source>
        <translation>Камера или файл не даёт картинки.</translation>
    </message>
    <message>
        <source>The picture cannot be written there.</source>
        <translation>Туда нельзя записать картинку.</translation>
    </message>
    <message>
        <source>Something went wrong.</source>
        <translation>Что-то пошло не так.</translation>
    </message>
</context>
<context>
    <name>Rail</name>
    <message>
        <source>Live</source>
        <translation>Эфир</translation>
    </message>
    <message>
        <source>Swap the face of a camera&apos;s picture</source>
        <translation>Замена лица в картинке камеры</translation>
    </message>
    <message>
        <source>Video</source>
        <translation>Видео</translation>
    </message>
    <message>
        <source>Swap the face in clips</source>
        <translation>Замена лица в видео</translation>
    </message>
    <message>
        <source>Images</source>
        <translation>Фото</translation>
    </message>
    <message>
        <source>Swap the face in pictures</source>
        <translation>Замена лица на фотографиях</translation>
    </message>
    <message>
        <source>Inpaint</source>
        <translation>Удаление</translation>
    </message>
    <message>
        <source>Take something out of a clip</source>
        <translation>Удалить что-нибудь из клипа</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Модели</translation>
    </message>
    <message>
        <source>What is here, and what can be fetched</source>
        <translation>Что здесь есть и что можно скачать</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Настройки</translation>
    </message>
    <message>
        <source>Language, theme, folders, keys</source>
        <translation>Язык, тема, папки, клавиши</translation>
    </message>
    <message>
        <source>Diagnostics</source>
        <translation>Диагностика</translation>
    </message>
    <message>
        <source>What this machine has, and what is wrong with it</source>
        <translation>Что есть в этом компьютере и что в нём не так</translation>
    </message>
</context>
<context>
    <name>RunCard</name>
    <message>
        <source>Memory and defaults</source>
        <translation>Память и значения по умолчанию</translation>
    </message>
    <message>
        <source>Give memory back</source>
        <translation>Возвращать память</translation>
    </message>
    <message>
        <source>Graphics memory for a network</source>
        <translation>Видеопамять для одной сети</translation>
    </message>
    <message>
        <source>Look, engine, camera options and policies</source>
        <translation>Вид, движок, настройки камеры и правила</translation>
    </message>
    <message numerus="yes">
        <source>Every %n minute(s)</source>
        <translation>
            <numerusform>Каждую %n минуту</numerusform>
            <numerusform>Каждые %n минуты</numerusform>
            <numerusform>Каждые %n минут</numerusform>
        </translation>
    </message>
    <message>
        <source>Never</source>
        <translation>Никогда</translation>
    </message>
    <message>
        <source> GB</source>
        <translation> ГБ</translation>
    </message>
    <message>
        <source>What it needs</source>
        <translation>Сколько нужно</translation>
    </message>
    <message>
        <source>Back to the defaults</source>
        <translation>Вернуть как было</translation>
    </message>
    <message>
        <source>All of these as they were at first; people, presets and keys stay</source>
        <translation>Всё это — как в самом начале; люди, наборы и клавиши остаются</translation>
    </message>
    <message>
        <source>How often memory is looked at, and given back where it grows</source>
        <translation>Как часто проверять память и возвращать её, если она растёт</translation>
    </message>
    <message>
        <source>How much of a graphics card one network may take for its work</source>
        <translation>Сколько видеопамяти может занять одна сеть</translation>
    </message>
    <message>
        <source>Show the Live page</source>
        <translation>Показать эфир</translation>
    </message>
    <message>
        <source>Everything is as it was at first. The look can be undone.</source>
        <translation>Всё как в самом начале. Вид можно вернуть отменой.</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Settings</source>
        <translation>Настройки</translation>
    </message>
    <message>
        <source>Every change holds at once.</source>
        <translation>Каждое изменение действует сразу.</translation>
    </message>
    <message>
        <source>Privacy</source>
        <translation>Приватность</translation>
    </message>
    <message>
        <source>What leaves while you are live, where a face is not swapped.</source>
        <translation>Что уходит в эфир там, где лицо не заменено.</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Внешний вид</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Язык</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Тема</translation>
    </message>
    <message>
        <source>As the system has it</source>
        <translation>Как в системе</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Тёмная</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Светлая</translation>
    </message>
    <message>
        <source>The language of the window</source>
        <translation>Язык окна</translation>
    </message>
    <message>
        <source>Dark, light, or as the system has it</source>
        <translation>Тёмная, светлая или как в системе</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Клавиши</translation>
    </message>
    <message>
        <source>The key that hides works in every window</source>
        <translation>Клавиша «Скрыть» работает в любом окне</translation>
    </message>
    <message>
        <source>While you are live: also while another program is in front</source>
        <translation>Пока вы в эфире: и тогда, когда впереди другая программа</translation>
    </message>
    <message>
        <source>Keys work while a window of LiveSwapping is in front, the one that hides as well.</source>
        <translation>Клавиши работают, пока окно LiveSwapping впереди; клавиша «Скрыть» — тоже.</translation>
    </message>
    <message>
        <source>Click here and press the new key</source>
        <translation>Щёлкните здесь и нажмите новую клавишу</translation>
    </message>
    <message>
        <source>Here keys work only while a window of LiveSwapping is in front, the one that hides, too.</source>
        <translation>Здесь клавиши работают, только пока впереди окно LiveSwapping, и клавиша «Скрыть» тоже.</translation>
    </message>
    <message>
        <source>Keys work while a window of LiveSwapping is in front; the one that hides in every window.</source>
        <translation>Клавиши работают, пока впереди окно LiveSwapping; клавиша «Скрыть» — в любом окне.</translation>
    </message>
    <message>
        <source>This key is taken: {0}</source>
        <translation>Эта клавиша занята: {0}</translation>
    </message>
</context>
<context>
    <name>SoundBox</name>
    <message>
        <source>Sound</source>
        <translation>Звук</translation>
    </message>
    <message>
        <source>The microphone that recordings and streams have sound from, in step with the picture</source>
        <translation>Микрофон, звук которого идёт в записи и трансляции, в такт с картинкой</translation>
    </message>
    <message>
        <source>Late sound to</source>
        <translation>Звук позже</translation>
    </message>
    <message>
        <source>Play the microphone there as late as the picture is: a virtual cable, for calls and OBS</source>
        <translation>Играть микрофон туда с той же задержкой, что у картинки: виртуальный кабель для звонков и OBS</translation>
    </message>
    <message>
        <source>No sound</source>
        <translation>Без звука</translation>
    </message>
    <message>
        <source>Any microphone</source>
        <translation>Любой микрофон</translation>
    </message>
    <message>
        <source>Nowhere</source>
        <translation>Никуда</translation>
    </message>
    <message>
        <source>Any loudspeaker</source>
        <translation>Любой динамик</translation>
    </message>
</context>
<context>
    <name>StatusBar</name>
    <message>
        <source>{0} fps</source>
        <translation>{0} к/с</translation>
    </message>
    <message>
        <source>{0} ms (median / 95 %)</source>
        <translation>{0} мс (медиана / 95 %)</translation>
    </message>
    <message>
        <source>{0} dropped</source>
        <translation>{0} пропущено</translation>
    </message>
    <message>
        <source>Real faces may show</source>
        <translation>Могут показаться настоящие лица</translation>
    </message>
    <message>
        <source>{0} MB</source>
        <translation>{0} МБ</translation>
    </message>
    <message>
        <source>● Camera lost, looking for it …</source>
        <translation>● Камера пропала, ищу её …</translation>
    </message>
    <message>
        <source>Not live</source>
        <translation>Не в эфире</translation>
    </message>
    <message>
        <source>Starting …</source>
        <translation>Запуск …</translation>
    </message>
    <message>
        <source>● Live</source>
        <translation>● В эфире</translation>
    </message>
    <message>
        <source>Stopping …</source>
        <translation>Остановка …</translation>
    </message>
</context>
<context>
    <name>VideoPage</name>
    <message>
        <source>There is no clip among these files. Use MP4, MOV, MKV or WebM.</source>
        <translation>Среди этих файлов нет видео. Подойдут MP4, MOV, MKV или WebM.</translation>
    </message>
    <message>
        <source>Choose first who to become, on the Live page.</source>
        <translation>Сначала выберите на странице «Эфир», кем стать.</translation>
    </message>
    <message>
        <source>Video</source>
        <translation>Видео</translation>
    </message>
    <message>
        <source>Swap the face in clips, frame by frame, with their sound. The originals stay.</source>
        <translation>Замена лица в видео, кадр за кадром, со звуком. Оригиналы не меняются.</translation>
    </message>
    <message>
        <source>Drop clips here</source>
        <translation>Перетащите сюда видео</translation>
    </message>
    <message>
        <source>MP4, MOV, MKV, WebM; they take the sliders of the Live page as they are now</source>
        <translation>MP4, MOV, MKV, WebM; ползунки берутся со страницы «Эфир»</translation>
    </message>
    <message>
        <source>Choose …</source>
        <translation>Выбрать …</translation>
    </message>
    <message>
        <source>Choose clips</source>
        <translation>Выберите видео</translation>
    </message>
    <message>
        <source>Choose clips to swap in</source>
        <translation>Выбрать видео для замены лица</translation>
    </message>
    <message>
        <source>Become</source>
        <translation>Стать</translation>
    </message>
    <message>
        <source>Written as</source>
        <translation>Записать как</translation>
    </message>
    <message>
        <source>Usual quality</source>
        <translation>Обычное качество</translation>
    </message>
    <message>
        <source>Best quality</source>
        <translation>Лучшее качество</translation>
    </message>
    <message>
        <source>Small file</source>
        <translation>Небольшой файл</translation>
    </message>
    <message>
        <source>At most {0} lines</source>
        <translation>Не больше {0} строк</translation>
    </message>
    <message>
        <source>Size as it is</source>
        <translation>Размер как есть</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Формат</translation>
    </message>
    <message>
        <source>How the results are encoded</source>
        <translation>Чем кодируются результаты</translation>
    </message>
    <message>
        <source>Swap</source>
        <translation>Заменить</translation>
    </message>
    <message>
        <source>Work on all clips that wait</source>
        <translation>Обработать все видео в очереди</translation>
    </message>
    <message>
        <source>Results go</source>
        <translation>Результаты</translation>
    </message>
    <message>
        <source>Clips you drop appear here and are worked on one after the other.</source>
        <translation>Видео появятся здесь и будут обработаны одно за другим.</translation>
    </message>
    <message>
        <source>Folder for the results</source>
        <translation>Папка для результатов</translation>
    </message>
    <message>
        <source>Choose a folder for the results</source>
        <translation>Выберите папку для результатов</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Качество</translation>
    </message>
    <message>
        <source>How much of the picture is kept, and how large the file is</source>
        <translation>Сколько от картинки остаётся и какого размера файл</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Размер</translation>
    </message>
    <message>
        <source>Make the results smaller than the clips</source>
        <translation>Сделать результаты меньше исходных клипов</translation>
    </message>
    <message>
        <source>beside the originals</source>
        <translation>рядом с оригиналами</translation>
    </message>
    <message>
        <source>Clips</source>
        <translation>Видео</translation>
    </message>
</context>
<context>
    <name>ViewBar</name>
    <message>
        <source>Show again</source>
        <translation>Показать</translation>
    </message>
    <message>
        <source>Hide</source>
        <translation>Скрыть</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>Вписать</translation>
    </message>
    <message>
        <source>Show all of the picture</source>
        <translation>Показать всю картинку</translation>
    </message>
    <message>
        <source>Fill</source>
        <translation>Заполнить</translation>
    </message>
    <message>
        <source>Fill the view; edges are cut</source>
        <translation>Заполнить окно; края обрезаются</translation>
    </message>
    <message>
        <source>Actual pixels</source>
        <translation>Пиксель в пиксель</translation>
    </message>
    <message>
        <source>One pixel of the picture for one of the screen</source>
        <translation>Один пиксель картинки на один пиксель экрана</translation>
    </message>
    <message>
        <source>Before and after, with a line that can be dragged</source>
        <translation>До и после, с линией, которую можно двигать</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Сравнить</translation>
    </message>
    <message>
        <source>Mirror</source>
        <translation>Зеркало</translation>
    </message>
    <message>
        <source>See yourself as in a mirror; only here, not in the output</source>
        <translation>Видеть себя как в зеркале; только здесь, не в выводе</translation>
    </message>
    <message>
        <source>Figures</source>
        <translation>Показатели</translation>
    </message>
    <message>
        <source>Rate and delay over the picture; only here</source>
        <translation>Частота и задержка поверх картинки; только здесь</translation>
    </message>
    <message>
        <source>Give each face in the picture a person of its own; a click on the face does the same</source>
        <translation>Дать каждому лицу в кадре своего человека; то же делает нажатие на лицо</translation>
    </message>
    <message>
        <source>Who becomes whom</source>
        <translation>Кто кем становится</translation>
    </message>
    <message>
        <source>Save picture</source>
        <translation>Сохранить картинку</translation>
    </message>
    <message>
        <source>Save the picture as PNG</source>
        <translation>Сохранить картинку как PNG</translation>
    </message>
    <message>
        <source>Fill the screen; Esc leaves</source>
        <translation>Во весь экран; Esc — обратно</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>Весь экран</translation>
    </message>
    <message>
        <source>Black picture: nothing that the camera sees leaves any more</source>
        <translation>Чёрная картинка: ничего из того, что видит камера, больше не уходит</translation>
    </message>
</context>
</TS>
