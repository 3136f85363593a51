<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>FacePanel</name>
    <message numerus="yes">
        <source>%n photograph(s)</source>
        <translation>
            <numerusform>%n photograph</numerusform>
            <numerusform>%n photographs</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ImagesPage</name>
    <message numerus="yes">
        <source>%n picture(s) on the list</source>
        <translation>
            <numerusform>%n picture on the list</numerusform>
            <numerusform>%n pictures on the list</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n picture(s) swapped.</source>
        <translation>
            <numerusform>%n picture swapped.</numerusform>
            <numerusform>%n pictures swapped.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n could not be done; point at them to see why.</source>
        <translation>
            <numerusform>%n could not be done; point at it to see why.</numerusform>
            <numerusform>%n could not be done; point at them to see why.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message numerus="yes">
        <source>%n file(s) added. Choose them under Engine on the Live page.</source>
        <translation>
            <numerusform>%n file added. Choose it under Engine on the Live page.</numerusform>
            <numerusform>%n files added. Choose them under Engine on the Live page.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PresetsCard</name>
    <message numerus="yes">
        <source>%n preset(s) imported.</source>
        <translation>
            <numerusform>%n preset imported.</numerusform>
            <numerusform>%n presets imported.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RunCard</name>
    <message numerus="yes">
        <source>Every %n minute(s)</source>
        <translation>
            <numerusform>Every %n minute</numerusform>
            <numerusform>Every %n minutes</numerusform>
        </translation>
    </message>
</context>
</TS>
